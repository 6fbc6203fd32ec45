import { notFound } from '../../errors.ts';
import type { Message, PrismaClient, Turn } from '../../generated/prisma/client.ts';
import { batched } from '../../util/batched.ts';
import type { StoredTurn } from './mirrors.ts';
import { outcomeOf } from './outcome.ts';
import { retrievedOf } from './retrieved.ts';

type Head = Pick<Turn, 'id' | 'status' | 'cursor'>;

/** Turns as the database has them: those that run by their checkpoint, the others by their message. */
export function createStoredTurns(prisma: PrismaClient) {
  const headOf = batched(async (ids: string[]): Promise<Map<string, Head>> => {
    const heads = await prisma.turn.findMany({
      where: { id: { in: ids } },
      select: { id: true, status: true, cursor: true },
    });
    return new Map(heads.map((head) => [head.id, head]));
  });

  return {
    /** Null: there is nothing beyond the position. Throws NOT_FOUND. Cheap for many turns at a time. */
    async load(turnId: string, beyond: number): Promise<StoredTurn | null> {
      const head = await headOf(turnId);
      if (!head) throw notFound('turn');
      if (head.status === 'GENERATING' && head.cursor <= beyond) return null;
      const turn = await prisma.turn.findUnique({ where: { id: turnId }, include: { assistantMessage: true } });
      if (!turn) throw notFound('turn');
      return storedTurn(turn);
    },
  };
}

export function storedTurn(turn: Turn & { assistantMessage: Message }): StoredTurn {
  const { assistantMessage: message } = turn;
  const outcome = outcomeOf(message);
  if (outcome) return { ...storedMessage(message), end: { messageId: message.id, outcome } };
  return {
    content: turn.partialContent,
    reasoning: turn.partialReasoning,
    segments: turn.partialSegments,
    // Who makes it says so with the position; the citations are stored before.
    retrieved: turn.cursor >= 2 ? retrievedOf(message) : null,
    end: null,
  };
}

export function storedMessage(message: Message) {
  const { content, reasoning, segments } = message;
  return { content, reasoning: reasoning ?? '', segments, retrieved: retrievedOf(message) };
}
