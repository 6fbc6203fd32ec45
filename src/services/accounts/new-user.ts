import { AppError, badInput } from '../../errors.ts';
import type { PasswordHasher } from '../../ports/password-hasher.ts';
import { uniqueViolation } from '../../util/database-errors.ts';
import { storable } from '../../util/text.ts';

export type RegisterInput = { username: string; email?: string | null | undefined; password: string };

/** What decides whether two names are the same: compatibility forms and case do not. Any text has one. */
export function keyOf(name: string): string {
  return storable(name).normalize('NFKC').trim().toLowerCase();
}

export function emailOf(given: string | null | undefined) {
  const email = given?.trim() || null;
  return { email, emailKey: email && keyOf(email) };
}

/** The row of an account, but for its role. */
export function newUser({ username, email }: RegisterInput, passwordHash: string, id: string, createdAt: Date) {
  return { id, username, usernameKey: keyOf(username), ...emailOf(email), passwordHash, createdAt };
}

/** Throws BAD_USER_INPUT for a password that is among the common ones. */
export async function refuseCommon(passwords: PasswordHasher, password: string, field: string): Promise<void> {
  if (await passwords.isCommon(password)) {
    throw badInput({ [field]: 'This password is among those that are tried first. Choose another.' });
  }
}

/** A taken name or address, as what a person is told of it; any other failure as it is. */
export function asConflict(error: unknown, prefix = 'input.'): unknown {
  const violated = uniqueViolation(error);
  if (!violated) return error;
  const isEmail = violated.includes('email_key') || violated.includes('emailKey');
  const field = isEmail ? 'email' : 'username';
  return new AppError({
    code: 'CONFLICT',
    message: isEmail ? 'An account with this email address exists already.' : 'This username is taken.',
    fields: { [`${prefix}${field}`]: isEmail ? 'exists already' : 'is taken' },
    cause: error,
  });
}
