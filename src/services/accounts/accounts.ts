import { AppError, badInput } from '../../errors.ts';
import type { PrismaClient } from '../../generated/prisma/client.ts';
import type { PasswordHasher } from '../../ports/password-hasher.ts';
import { uniqueViolation } from '../../util/database-errors.ts';
import { storable } from '../../util/text.ts';
import type { Attempts } from './attempts.ts';
import type { Sessions, SignedIn } from './sessions.ts';
import type { Viewer } from './viewer.ts';

export type RegisterInput = { username: string; email?: string | null | undefined; password: string };
export type LoginInput = { username: string; password: string };

export type AccountsDependencies = {
  prisma: PrismaClient;
  passwords: PasswordHasher;
  sessions: Sessions;
  attempts: Attempts;
  now: () => Date;
  createId: () => string;
  /** Who becomes admin; undefined: the first account. */
  adminUsername: string | undefined;
  registrationEnabled: boolean;
};

export type Accounts = ReturnType<typeof createAccounts>;

/** Held while an account is made, so that two first registrations cannot both become admin. */
const REGISTRATION_LOCK = 72_707_370;

export function createAccounts(deps: AccountsDependencies) {
  const { prisma, passwords, sessions, attempts, now, createId } = deps;

  /** Throws CONFLICT for a taken name or address, BAD_USER_INPUT for a common password, FORBIDDEN when closed. */
  async function register(input: RegisterInput): Promise<SignedIn> {
    await refuseCommon(input.password, 'input.password');
    const passwordHash = await passwords.hash(input.password);
    const user = await prisma
      .$transaction(async (transaction) => {
        await transaction.$executeRaw`SELECT pg_advisory_xact_lock(${REGISTRATION_LOCK})`;
        const isFirst = (await transaction.user.findFirst({ select: { id: true } })) === null;
        if (!deps.registrationEnabled && !isFirst) {
          throw new AppError({ code: 'FORBIDDEN', message: 'Registration is closed. Ask an admin for an account.' });
        }
        return transaction.user.create({ data: { ...newUser(input, passwordHash), role: roleOf(input, isFirst) } });
      })
      .catch((error: unknown) => {
        throw asConflict(error);
      });
    return sessions.begin(user);
  }

  function newUser(input: RegisterInput, passwordHash: string) {
    const email = input.email?.trim() || null;
    return {
      id: createId(),
      username: input.username,
      usernameKey: keyOf(input.username),
      email,
      emailKey: email && keyOf(email),
      passwordHash,
      createdAt: now(),
    };
  }

  /** The name is unique, so at most one account can be named as admin as well. */
  function roleOf(input: RegisterInput, isFirst: boolean) {
    const isAdmin = deps.adminUsername ? keyOf(deps.adminUsername) === keyOf(input.username) : isFirst;
    return isAdmin ? 'ADMIN' : 'USER';
  }

  /**
   * Throws UNAUTHENTICATED, the same for an unknown name, a wrong password and a disabled account; RATE_LIMITED, for all
   * of them, before a password is looked at that comes too soon.
   */
  async function login(input: LoginInput): Promise<SignedIn> {
    const key = keyOf(input.username);
    await attempts.take(key);
    const user = await prisma.user.findFirst({ where: key.includes('@') ? { emailKey: key } : { usernameKey: key } });
    const matches = await passwords.verify(user?.passwordHash ?? null, input.password);
    if (!user || !matches || user.disabledAt) {
      throw new AppError({ code: 'UNAUTHENTICATED', message: 'The username or the password is wrong.' });
    }
    await attempts.forget(key);
    return sessions.begin(user);
  }

  /**
   * Ends every other session of the viewer. Throws BAD_USER_INPUT when `current` is wrong or `next` is common,
   * RATE_LIMITED when it was tried too often.
   */
  async function changePassword(viewer: Viewer, current: string, next: string): Promise<SignedIn> {
    await attempts.take(viewer.userId);
    const user = await prisma.user.findUniqueOrThrow({ where: { id: viewer.userId } });
    if (!(await passwords.verify(user.passwordHash, current)))
      throw badInput({ current: 'This is not your password.' });
    await attempts.forget(viewer.userId);
    await refuseCommon(next, 'next');
    const passwordHash = await passwords.hash(next);
    // Only from the password that was checked: of two changes at once the second is not by who knows the first's.
    const { count } = await prisma.user.updateMany({
      where: { id: user.id, passwordHash: user.passwordHash },
      data: { passwordHash },
    });
    if (count === 0) throw badInput({ current: 'This is not your password any more.' });
    await sessions.endOthers(user.id, viewer.sessionId);
    return sessions.continueSession(user, viewer.sessionId);
  }

  async function refuseCommon(password: string, field: string): Promise<void> {
    if (await passwords.isCommon(password)) {
      throw badInput({ [field]: 'This password is among those that are tried first. Choose another.' });
    }
  }

  return { register, login, changePassword };
}

/** What decides whether two names are the same: compatibility forms and case do not. Any text has one. */
function keyOf(name: string): string {
  return storable(name).normalize('NFKC').trim().toLowerCase();
}

function asConflict(error: unknown): unknown {
  const violated = uniqueViolation(error);
  if (!violated) return error;
  const isEmail = violated.includes('email_key') || violated.includes('emailKey');
  const field = isEmail ? 'email' : 'username';
  return new AppError({
    code: 'CONFLICT',
    message: isEmail ? 'An account with this email address exists already.' : 'This username is taken.',
    fields: { [`input.${field}`]: isEmail ? 'exists already' : 'is taken' },
    cause: error,
  });
}
