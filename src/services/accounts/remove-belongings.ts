import { AppError } from '../../errors.ts';
import type { Prisma, PrismaClient } from '../../generated/prisma/client.ts';
import type { Bus } from '../../ports/bus.ts';

export type RemoveBelongingsDependencies = {
  prisma: PrismaClient;
  bus: Pick<Bus, 'publish'>;
  /** Answers when the turn has ended. Throws NOT_FOUND where it is gone. */
  stopTurn: (userId: string, turnId: string) => Promise<void>;
  /** Collections and files; their vectors and bytes go by jobs. */
  removeFilesOf: (userId: string) => Promise<void>;
};

/**
 * Deletes all that belongs to an owner who has been closed, and then the owner by `removeEmpty`, which answers whether it
 * could: not while something is left. Returns whether it has.
 */
export type RemoveBelongings = (userId: string, removeEmpty: () => Promise<boolean>) => Promise<boolean>;

/** Conversations that are deleted in one statement. */
const AT_ONCE = 50;
/** Only what was under way when the owner was closed can still be added. */
const MAX_ROUNDS = 10;

export function createRemoveBelongings(deps: RemoveBelongingsDependencies): RemoveBelongings {
  const { prisma, bus } = deps;

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

  return async (userId, removeEmpty) => {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      await stopTurns(userId);
      await deps.removeFilesOf(userId);
      await removeConversations(userId);
      if (await removeEmpty()) return true;
    }
    return false;
  };
}

/** Only while the owner's row is locked FOR UPDATE: nothing is added to it then. */
export async function ownsSomething(transaction: Prisma.TransactionClient, userId: string): Promise<boolean> {
  const [left] = await transaction.$queryRaw<{ something: boolean }[]>`
    SELECT EXISTS (SELECT FROM conversations WHERE user_id = ${userId}::uuid)
      OR EXISTS (SELECT FROM collections WHERE user_id = ${userId}::uuid)
      OR EXISTS (SELECT FROM files WHERE user_id = ${userId}::uuid) AS something`;
  return left?.something ?? false;
}
