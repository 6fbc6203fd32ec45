import { notFound } from '../../errors.ts';
import type { PrismaClient } from '../../generated/prisma/client.ts';
import type { EventLog, TurnEvent } from '../../ports/event-log.ts';
import { cancellable } from '../../util/cancellable.ts';
import type { Delay } from '../../util/delay.ts';
import { TurnLog } from '../../util/turn-log.ts';
import { outcomeOf } from './outcome.ts';
import { retrievedOf } from './retrieved.ts';

export type WatchDependencies = { prisma: PrismaClient; eventLog: EventLog; delay: Delay };

/** How often the checkpoint of a turn that another instance runs is looked at. */
const POLL_MS = 1_000;

const nextTick = () => new Promise<void>((resolve) => setImmediate(resolve));

export function createTurnWatcher({ prisma, eventLog, delay }: WatchDependencies) {
  /**
   * The events of a turn after a position, to the terminal one: from the running log, else from what is stored. Leaving
   * ends the watch, never the turn. Whoever calls has made sure that the turn is the user's.
   */
  function watch(
    userId: string,
    turnId: string,
    after: number,
    signal?: AbortSignal,
  ): AsyncIterableIterator<TurnEvent> {
    const live = eventLog.read(turnId, after);
    if (!live) return cancellable((inner) => stored(userId, turnId, after, inner), signal);
    if (signal?.aborted) live.return?.();
    signal?.addEventListener('abort', () => live.return?.(), { once: true });
    return live;
  }

  async function* stored(
    userId: string,
    turnId: string,
    after: number,
    signal: AbortSignal,
  ): AsyncGenerator<TurnEvent> {
    let position = after;
    while (!signal.aborted) {
      const turn = await prisma.turn.findUnique({ where: { id: turnId, userId }, include: { assistantMessage: true } });
      if (!turn) throw notFound('turn');
      const live = eventLog.read(turnId, position);
      if (live) {
        // The generator itself cannot be ended while it waits for the log, so the log's reader is.
        signal.addEventListener('abort', () => live.return?.(), { once: true });
        return yield* live;
      }
      const { assistantMessage: message } = turn;
      const outcome = outcomeOf(message);
      const log = outcome
        ? TurnLog.fromStored(
            turnId,
            { ...message, reasoning: message.reasoning ?? '', retrieved: retrievedOf(message) },
            { messageId: message.id, outcome },
          )
        : TurnLog.fromStored(
            turnId,
            { ...partOf(turn), retrieved: isLookedUp(turn) ? retrievedOf(message) : null },
            null,
          );
      for (let event = log.take(position); event && !signal.aborted; event = log.take(position)) {
        position = event.cursor;
        yield event;
        if (event.type === 'turn-ended') return;
        await nextTick();
      }
      // The terminal event is behind the position already: there is nothing more to come.
      if (outcome) return;
      await delay(POLL_MS, signal);
    }
  }

  return { watch };
}

/** Who makes it says so with the position; the citations are stored before. */
function isLookedUp({ cursor }: { cursor: number }): boolean {
  return cursor >= 2;
}

function partOf(turn: { partialContent: string; partialReasoning: string; partialSegments: number[] }) {
  return { content: turn.partialContent, reasoning: turn.partialReasoning, segments: turn.partialSegments };
}
