import { AppError, notFound } from '../../errors.ts';
import type { PrismaClient } from '../../generated/prisma/client.ts';
import type { Actor, RecordAudit } from '../../ports/audit-log.ts';
import type { Bus } from '../../ports/bus.ts';
import { endSessions } from './end-sessions.ts';
import { lockAdmins, requireAnotherAdmin } from './last-admin.ts';

export type RemoveUserDependencies = {
  prisma: PrismaClient;
  bus: Pick<Bus, 'publish'>;
  record: RecordAudit;
  /** Answers when the turn has ended. Throws NOT_FOUND where it is gone. */
  stopTurn: (userId: string, turnId: string) => Promise<void>;
  /** Collections and files; their vectors and bytes go by jobs. */
  removeFilesOf: (userId: string) => Promise<void>;
  now: () => Date;
};

/** Conversations that are deleted in one statement. */
const AT_ONCE = 50;
/** Only what was under way when the account was closed can still be added to it. */
const MAX_ROUNDS = 10;

/**
 * Deletes an account with everything that belongs to it. It is closed first, so that it can be neither used nor counted
 * as an admin's from then on; whatever breaks this off, it can be done again.
 */
export function createRemoveUser(deps: RemoveUserDependencies) {
  const { prisma, bus, record, now } = deps;

  async function close(actor: Actor, id: string): Promise<void> {
    await prisma.$transaction(async (transaction) => {
      await lockAdmins(transaction);
      const user = await transaction.user.findUnique({ where: { id } });
      if (!user) throw notFound('user');
      await requireAnotherAdmin(transaction, user);
      await transaction.user.update({ where: { id }, data: { disabledAt: user.disabledAt ?? now() } });
      await endSessions(transaction, id, now());
      const subject = { type: 'User', id, name: user.username };
      await record({ actor, action: 'user-deletion-begun', subject }, transaction);
    });
    bus.publish('access-revoked', id, { sessionId: null });
  }

  async function stopTurns(userId: string): Promise<void> {
    const running = await prisma.turn.findMany({ where: { userId, status: 'GENERATING' }, select: { id: true } });
    await Promise.all(
      running.map(({ id }) =>
        deps.stopTurn(userId, id).catch((error: unknown) => {
          // Gone already, with its conversation.
          if (!(error instanceof AppError && error.code === 'NOT_FOUND')) throw error;
        }),
      ),
    );
  }

  async function removeConversations(userId: string): Promise<void> {
    for (;;) {
      const rows = await prisma.conversation.findMany({ where: { userId }, select: { id: true }, take: AT_ONCE });
      if (rows.length === 0) return;
      await prisma.conversation.deleteMany({ where: { userId, id: { in: rows.map(({ id }) => id) } } });
      // Stops what was begun in them just then.
      for (const { id } of rows) bus.publish('conversation-deleted', userId, { conversationId: id });
    }
  }

  /** The account itself, once nothing belongs to it. Returns whether that is so. */
  function removeEmpty(actor: Actor, id: string): Promise<boolean> {
    return prisma.$transaction(async (transaction) => {
      await lockAdmins(transaction);
      // Whoever would add something to it waits from here on, and finds that it is gone.
      const [user] = await transaction.$queryRaw<{ username: string; disabledAt: Date | null }[]>`
        SELECT username, disabled_at AS "disabledAt" FROM users WHERE id = ${id}::uuid FOR UPDATE`;
      if (!user) throw notFound('user');
      if (!user.disabledAt) {
        const message = 'This account was enabled again while it was being deleted. What belonged to it is gone.';
        throw new AppError({ code: 'CONFLICT', message });
      }
      const [left] = await transaction.$queryRaw<{ something: boolean }[]>`
        SELECT EXISTS (SELECT FROM conversations WHERE user_id = ${id}::uuid)
          OR EXISTS (SELECT FROM collections WHERE user_id = ${id}::uuid)
          OR EXISTS (SELECT FROM files WHERE user_id = ${id}::uuid) AS something`;
      if (left?.something) return false;
      await transaction.user.delete({ where: { id } });
      const subject = { type: 'User', id, name: user.username };
      await record({ actor, action: 'user-deleted', subject }, transaction);
      return true;
    });
  }

  /** Throws NOT_FOUND; CONFLICT for the last admin. */
  return async (actor: Actor, id: string): Promise<void> => {
    await close(actor, id);
    for (let round = 0; round < MAX_ROUNDS; round++) {
      await stopTurns(id);
      await deps.removeFilesOf(id);
      await removeConversations(id);
      if (await removeEmpty(actor, id)) return;
    }
    const message = 'Something was added to this account again and again. It is disabled: delete it once more.';
    throw new AppError({ code: 'UNAVAILABLE', message, retryable: true });
  };
}
