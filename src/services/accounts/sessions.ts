import { createHash, randomBytes } from 'node:crypto';
import { AppError } from '../../errors.ts';
import type { PrismaClient, User } from '../../generated/prisma/client.ts';
import type { AccessTokens } from '../../ports/access-tokens.ts';
import type { Bus } from '../../ports/bus.ts';
import { batched } from '../../util/batched.ts';
import type { PersonViewer } from './viewer.ts';

export type AuthTokens = { accessToken: string; tokenType: 'Bearer'; expiresAt: Date; refreshToken: string };
export type SignedIn = AuthTokens & { user: User };

export type SessionsDependencies = {
  prisma: PrismaClient;
  accessTokens: AccessTokens;
  bus: Bus;
  now: () => Date;
  createId: () => string;
  /** Life of a session after its last use. */
  sessionDays: number;
};

export type Sessions = ReturnType<typeof createSessions>;

const DAY_MS = 86_400_000;

/**
 * Sign-ins. A refresh token works once; a second use means that somebody else has a copy of it, and ends the session
 * for both.
 */
export function createSessions(deps: SessionsDependencies) {
  const { prisma, accessTokens, bus, now, createId } = deps;

  const expiry = () => new Date(now().getTime() + deps.sessionDays * DAY_MS);

  /**
   * Begins a session for a user whose password has just been checked. Throws UNAUTHENTICATED when it was changed, or
   * the account disabled, meanwhile: who did so has ended the sessions that there were, and this one came after.
   */
  async function begin(user: User): Promise<SignedIn> {
    const sessionId = createId();
    const refresh = newRefreshToken();
    await prisma.session.create({
      data: {
        id: sessionId,
        userId: user.id,
        createdAt: now(),
        expiresAt: expiry(),
        refreshTokens: { create: { hash: refresh.hash, createdAt: now() } },
      },
    });
    const unchanged = { id: user.id, passwordHash: user.passwordHash, disabledAt: null };
    if (!(await prisma.user.findUnique({ where: unchanged, select: { id: true } }))) {
      await end(user.id, sessionId);
      throw signInAgain();
    }
    return { ...tokens(user.id, sessionId, refresh.token), user };
  }

  /** New tokens for an old refresh token. Throws UNAUTHENTICATED for one that is unknown, used, expired or revoked. */
  async function refresh(token: string): Promise<SignedIn> {
    const hash = hashToken(token);
    const claimed = await prisma.refreshToken.updateMany({ where: { hash, usedAt: null }, data: { usedAt: now() } });
    const found = await prisma.refreshToken.findUnique({
      where: { hash },
      include: { session: { include: { user: true } } },
    });
    if (!found) throw signInAgain();
    const { session } = found;
    if (claimed.count === 0) {
      await end(session.userId, session.id);
      throw signInAgain();
    }
    if (session.revokedAt || session.expiresAt <= now() || session.user.disabledAt) throw signInAgain();
    return continueSession(session.user, session.id);
  }

  /** The next pair of tokens of a session that goes on. */
  async function continueSession(user: User, sessionId: string): Promise<SignedIn> {
    const next = newRefreshToken();
    await prisma.session.update({
      where: { id: sessionId },
      data: { expiresAt: expiry(), refreshTokens: { create: { hash: next.hash, createdAt: now() } } },
    });
    return { ...tokens(user.id, sessionId, next.token), user };
  }

  async function end(userId: string, sessionId: string): Promise<void> {
    await prisma.session.updateMany({ where: { id: sessionId, revokedAt: null }, data: { revokedAt: now() } });
    bus.publish('access-revoked', userId, { sessionId });
  }

  async function endOthers(userId: string, except: string): Promise<void> {
    await prisma.session.updateMany({
      where: { userId, id: { not: except }, revokedAt: null },
      data: { revokedAt: now() },
    });
    await prisma.refreshToken.updateMany({ where: { sessionId: except, usedAt: null }, data: { usedAt: now() } });
    bus.publish('access-revoked', userId, { sessionId: null, except });
  }

  /** Who holds this access token; null when it, its session or its account is not good any more. */
  async function authenticate(token: string): Promise<PersonViewer | null> {
    const claims = accessTokens.verify(token, now());
    if (!claims) return null;
    const session = await prisma.session.findUnique({
      where: { id: claims.sessionId, userId: claims.userId },
      select: { revokedAt: true, expiresAt: true, user: { select: { username: true, role: true, disabledAt: true } } },
    });
    if (!session || session.revokedAt || session.expiresAt <= now() || session.user.disabledAt) return null;
    return {
      userId: claims.userId,
      username: session.user.username,
      isAdmin: session.user.role === 'ADMIN',
      expiresAt: claims.expiresAt,
      credential: { type: 'session', sessionId: claims.sessionId },
      key: null,
    };
  }

  /** Whether a session has neither ended nor expired. Asked for many at a time, it is one statement. */
  const living = batched(async (ids: string[]): Promise<Map<string, true>> => {
    const sessions = await prisma.session.findMany({
      where: { id: { in: ids }, revokedAt: null, expiresAt: { gt: now() }, user: { disabledAt: null } },
      select: { id: true },
    });
    return new Map(sessions.map(({ id }) => [id, true]));
  });
  const isLiving = async (sessionId: string) => (await living(sessionId)) ?? false;

  /** Removes what nobody can use any more. Returns how many sessions. */
  async function purge(): Promise<number> {
    const day = new Date(now().getTime() - DAY_MS);
    const gone = await prisma.session.deleteMany({
      where: { OR: [{ expiresAt: { lt: now() } }, { revokedAt: { lt: day } }] },
    });
    return gone.count;
  }

  function tokens(userId: string, sessionId: string, refreshToken: string): AuthTokens {
    const access = accessTokens.sign({ userId, sessionId }, now());
    return { accessToken: access.token, tokenType: 'Bearer', expiresAt: access.expiresAt, refreshToken };
  }

  return { begin, refresh, continueSession, end, endOthers, authenticate, isLiving, purge };
}

function newRefreshToken(): { token: string; hash: string } {
  const token = randomBytes(32).toString('base64url');
  return { token, hash: hashToken(token) };
}

function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

function signInAgain(): AppError {
  return new AppError({ code: 'UNAUTHENTICATED', message: 'This sign-in has ended. Sign in again.' });
}
