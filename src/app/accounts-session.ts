import { z } from 'zod';
import { createLogger } from '../adapters/logs/logger.ts';
import { startApp } from '../app.ts';
import type { Config } from '../config.ts';
import { badInput } from '../errors.ts';
import { email, password, username } from '../graphql/types/user.ts';
import { COMMAND_LINE } from './command-line.ts';

export type NewAccount = { username: string; email?: string | null | undefined; password: string };

export type AccountsSession = {
  /** Returns the name as it is kept. Throws AppError BAD_USER_INPUT and CONFLICT. */
  create(account: NewAccount, role: 'USER' | 'ADMIN'): Promise<string>;
  /** For who has forgotten it. `name`: or the address. Returns the name. Throws AppError BAD_USER_INPUT and NOT_FOUND. */
  setPassword(name: string, password: string): Promise<string>;
  close(): Promise<void>;
};

const accountSchema = z.object({ username, email: email.nullish(), password });

/**
 * The accounts of a database, without a server: the parts of one, put together for as long as a command takes. Throws
 * AppError where the database cannot be had.
 */
export async function openAccountsSession(config: Config): Promise<AccountsSession> {
  const own = { ...config, HOST: '127.0.0.1', PORT: 0, WORKER_ENABLED: false, OLLAMA_STARTUP_CHECK_ENABLED: false };
  const app = await startApp(own, createLogger({ level: 'error', format: config.LOG_FORMAT }));
  return {
    async create(account, role) {
      const read = checked(accountSchema, account);
      await app.services.people.create(COMMAND_LINE, read, role);
      return read.username;
    },
    async setPassword(name, given) {
      const read = checked(z.object({ password }), { password: given });
      return app.services.people.setPassword(COMMAND_LINE, name, read.password);
    },
    close: app.dispose,
  };
}

/** Throws BAD_USER_INPUT. */
function checked<Value>(schema: z.ZodType<Value>, given: unknown): Value {
  const read = schema.safeParse(given);
  if (read.success) return read.data;
  throw badInput(Object.fromEntries(read.error.issues.map(({ path, message }) => [path.join('.'), message])));
}
