import { existsSync } from 'node:fs';
import { loadEnvFile } from 'node:process';
import { type Config, ConfigError, readConfig } from '../config.ts';
import { AppError } from '../errors.ts';

export type Command<Arguments> = {
  usage: string;
  /** Null: the person wants to know how it is called. Throws AppError BAD_USER_INPUT. */
  read: (words: string[]) => Arguments | null;
  /** Returns the exit code. `signal` aborts when the person has had enough. */
  run: (given: Arguments, config: Config, signal: AbortSignal) => Promise<number>;
};

/** A command that is run by itself, with the settings that a server would have. Returns its exit code. */
export async function runCommand<Arguments>(command: Command<Arguments>): Promise<number> {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.once('SIGTERM', () => stop.abort());
  try {
    const given = command.read(process.argv.slice(2));
    if (!given) {
      process.stdout.write(command.usage);
      return 0;
    }
    if (existsSync('.env')) loadEnvFile('.env');
    return await command.run(given, readConfig(process.env), stop.signal);
  } catch (error) {
    if (error instanceof ConfigError) process.stderr.write(`${error.faults.join('\n')}\n`);
    else if (error instanceof AppError) process.stderr.write(`${error.message}\n`);
    else throw error;
    return error instanceof AppError && error.code === 'BAD_USER_INPUT' ? 2 : 1;
  }
}
