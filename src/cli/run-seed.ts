import { randomBytes } from 'node:crypto';
import type { AccountsSession } from '../app/accounts-session.ts';
import { AppError } from '../errors.ts';
import type { Output } from './output.ts';

const ACCOUNTS = [
  { username: 'admin', role: 'ADMIN' },
  { username: 'user1', role: 'USER' },
] as const;

/** Accounts to try it with. Their passwords are made now and shown this once; those that are there stay as they are. */
export async function seed(session: AccountsSession, output: Output): Promise<void> {
  for (const { username, role } of ACCOUNTS) {
    const password = randomBytes(12).toString('base64url');
    const made = await isMade(session, username, password, role);
    if (made) output.show({ username, role, password }, `${username.padEnd(8)}${role.padEnd(8)}${password}\n`);
    else
      output.show({ username, role, password: null }, `${username.padEnd(8)}is there already; nothing is changed.\n`);
  }
}

async function isMade(session: AccountsSession, username: string, password: string, role: 'USER' | 'ADMIN') {
  try {
    await session.create({ username, password }, role);
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === 'CONFLICT') return false;
    throw error;
  }
}
