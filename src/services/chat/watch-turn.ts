import { notFound } from '../../errors.ts';
import type { PrismaClient } from '../../generated/prisma/client.ts';
import type { EventLog, TurnEvent } from '../../ports/event-log.ts';
import { cancellable } from '../../util/cancellable.ts';
import type { Delay } from '../../util/delay.ts';
import { TurnLog } from '../../util/turn-log.ts';
import type { MirroredTurn, StoredTurn } from './mirrors.ts';
import { storedTurn } from './stored-turns.ts';

export type WatchDependencies = {
  prisma: PrismaClient;
  eventLog: EventLog;
  instanceId: string;
  /** Makes a log here of what another instance makes. */
  mirror: (turn: MirroredTurn, stored: StoredTurn) => void;
  delay: Delay;
};

/** A turn of this instance that is stored and does not run yet does in a moment. */
const STARTING_MS = { first: 5, most: 1_000 };

const nextTick = () => new Promise<void>((resolve) => setImmediate(resolve));

export function createTurnWatcher({ prisma, eventLog, instanceId, mirror, delay }: WatchDependencies) {
  /**
   * The events of a turn after a position, to the terminal one: from its log here, else from what is stored. Leaving
   * ends the watch, never the turn. Whoever calls has made sure that the turn is the user's.
   */
  function watch(
    userId: string,
    turnId: string,
    after: number,
    signal?: AbortSignal,
  ): AsyncIterableIterator<TurnEvent> {
    const live = eventLog.read(turnId, after);
    if (!live) return cancellable((inner) => lookedUp(userId, turnId, after, inner), signal);
    if (signal?.aborted) live.return?.();
    signal?.addEventListener('abort', () => live.return?.(), { once: true });
    return live;
  }

  async function* lookedUp(
    userId: string,
    turnId: string,
    after: number,
    signal: AbortSignal,
  ): AsyncGenerator<TurnEvent> {
    let position = after;
    let pauseMs = STARTING_MS.first;
    while (!signal.aborted) {
      const turn = await prisma.turn.findUnique({ where: { id: turnId, userId }, include: { assistantMessage: true } });
      if (!turn) throw notFound('turn');
      if (signal.aborted) return;
      const stored = storedTurn(turn);
      if (!eventLog.has(turnId)) {
        if (stored.end) return yield* replay(turnId, stored, position, signal);
        if (turn.instanceId === instanceId) {
          await delay(pauseMs, signal);
          pauseMs = Math.min(pauseMs * 2, STARTING_MS.most);
          continue;
        }
        mirror(turn, stored);
      }
      const live = eventLog.read(turnId, position);
      if (!live) continue;
      // The generator itself cannot be ended while it waits for the log, so the log's reader is.
      signal.addEventListener('abort', () => live.return?.(), { once: true });
      for await (const event of live) {
        position = event.cursor;
        yield event;
        if (event.type === 'turn-ended') return;
      }
      // The log was closed before the turn had ended: what is there now is looked up.
      await nextTick();
    }
  }

  return { watch };
}

/** The events of a turn that has ended. None, where the position is that of its end. */
async function* replay(
  turnId: string,
  stored: StoredTurn,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<TurnEvent> {
  const log = TurnLog.fromStored(turnId, stored, stored.end);
  let position = after;
  for (let event = log.take(position); event && !signal.aborted; event = log.take(position)) {
    position = event.cursor;
    yield event;
    if (event.type === 'turn-ended') return;
    await nextTick();
  }
}
