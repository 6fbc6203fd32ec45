import { AppError, badInput } from '../../errors.ts';
import type { PrismaClient, Role } from '../../generated/prisma/client.ts';
import type { PasswordHasher } from '../../ports/password-hasher.ts';
import type { LoginFailure } from '../audit/login-failures.ts';
import type { Attempts } from './attempts.ts';
import { asConflict, keyOf, newUser, type RegisterInput, refuseCommon } from './new-user.ts';
import type { Sessions, SignedIn } from './sessions.ts';
import type { PersonViewer } from './viewer.ts';

export type LoginInput = { username: string; password: string };

export type AccountsDependencies = {
  prisma: PrismaClient;
  passwords: PasswordHasher;
  sessions: Sessions;
  attempts: Attempts;
  /** Never rejects. */
  loginFailed: (failure: LoginFailure) => Promise<void>;
  now: () => Date;
  createId: () => string;
  /** Who becomes admin; undefined: the first account. */
  adminUsername: string | undefined;
  registrationEnabled: boolean;
};

export type Accounts = ReturnType<typeof createAccounts>;

/** Held while an account is made, so that two first registrations cannot both become admin. */
const REGISTRATION_LOCK = 72_707_370;

/** No API key. */
const PERSON = { kind: 'PERSON' } as const;

export function createAccounts(deps: AccountsDependencies) {
  const { prisma, passwords, sessions, attempts, now, createId } = deps;

  /** Throws CONFLICT for a taken name or address, BAD_USER_INPUT for a common password, FORBIDDEN when closed. */
  async function register(input: RegisterInput): Promise<SignedIn> {
    await refuseCommon(passwords, input.password, 'input.password');
    const passwordHash = await passwords.hash(input.password);
    const user = await prisma
      .$transaction(async (transaction) => {
        await transaction.$executeRaw`SELECT pg_advisory_xact_lock(${REGISTRATION_LOCK})`;
        const isFirst = (await transaction.user.findFirst({ where: PERSON, select: { id: true } })) === null;
        if (!deps.registrationEnabled && !isFirst) {
          throw new AppError({ code: 'FORBIDDEN', message: 'Registration is closed. Ask an admin for an account.' });
        }
        const data = { ...newUser(input, passwordHash, createId(), now()), role: roleOf(input, isFirst) };
        return transaction.user.create({ data });
      })
      .catch((error: unknown) => {
        throw asConflict(error);
      });
    return sessions.begin(user);
  }

  /** The name is unique, so at most one account can be named as admin as well. */
  function roleOf(input: RegisterInput, isFirst: boolean): Role {
    const isAdmin = deps.adminUsername ? keyOf(deps.adminUsername) === keyOf(input.username) : isFirst;
    return isAdmin ? 'ADMIN' : 'USER';
  }

  /**
   * Throws UNAUTHENTICATED, the same for an unknown name, a wrong password and a disabled account; RATE_LIMITED, for all
   * of them, before a password is looked at that comes too soon. `ip`: from where, if that is known.
   */
  async function login(input: LoginInput, ip: string | null = null): Promise<SignedIn> {
    const key = keyOf(input.username);
    await attempts.take(key);
    const name = key.includes('@') ? { emailKey: key } : { usernameKey: key };
    const user = await prisma.user.findFirst({ where: { ...name, ...PERSON } });
    const matches = await passwords.verify(user?.passwordHash ?? null, input.password);
    if (!user || !matches || user.disabledAt) {
      const known = matches ? 'disabled account' : 'wrong password';
      await deps.loginFailed({ account: user, reason: user ? known : 'unknown account', ip });
      throw new AppError({ code: 'UNAUTHENTICATED', message: 'The username or the password is wrong.' });
    }
    await attempts.forget(key);
    return sessions.begin(user);
  }

  /**
   * Ends every other session of the viewer. Throws BAD_USER_INPUT when `current` is wrong or `next` is common,
   * RATE_LIMITED when it was tried too often.
   */
  async function changePassword(viewer: PersonViewer, current: string, next: string): Promise<SignedIn> {
    await attempts.take(viewer.userId);
    const user = await prisma.user.findUniqueOrThrow({ where: { id: viewer.userId } });
    if (!(await passwords.verify(user.passwordHash, current)))
      throw badInput({ current: 'This is not your password.' });
    await attempts.forget(viewer.userId);
    await refuseCommon(passwords, next, 'next');
    const passwordHash = await passwords.hash(next);
    // Only from the password that was checked: of two changes at once the second is not by who knows the first's.
    const { count } = await prisma.user.updateMany({
      where: { id: user.id, passwordHash: user.passwordHash },
      data: { passwordHash },
    });
    if (count === 0) throw badInput({ current: 'This is not your password any more.' });
    const { sessionId } = viewer.credential;
    await sessions.endOthers(user.id, sessionId);
    return sessions.continueSession(user, sessionId);
  }

  return { register, login, changePassword };
}
