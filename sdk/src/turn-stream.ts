import { ColloquyError } from './errors.ts';
import type { ChatInput, WatchTurnSubscription } from './generated/graphql.ts';
import { type ConnectionState, createRetry, type RetryDependencies } from './retry.ts';
import { ConnectionLost } from './transport.ts';

export type TurnEvent = WatchTurnSubscription['turn'];
/** Where a turn is, by the server. */
export type TurnPosition = { ended: boolean; cursor: number };

export type TurnStreamDependencies = RetryDependencies & {
  onConnection?: ((state: ConnectionState) => void) | undefined;
  openChat: (input: ChatInput, signal: AbortSignal, onOpen: () => void) => AsyncIterable<TurnEvent>;
  openTurn: (id: string, after: number, signal: AbortSignal, onOpen: () => void) => AsyncIterable<TurnEvent>;
  position: (id: string, signal: AbortSignal) => Promise<TurnPosition | null>;
};

export type TurnStart =
  | { chat: ChatInput }
  /** Starts the turn, or finds it again when asked a second time. Gives its id. */
  | { begin: (signal: AbortSignal) => Promise<string> }
  | { turnId: string; after: number };

/**
 * The events of a turn to its terminal one, over as many connections as it takes: each goes on from the last cursor,
 * so nothing is lost and nothing comes twice. Until the turn is known by its id the prompt is sent again, with the same
 * key, which starts nothing twice.
 */
export async function* followTurn(
  deps: TurnStreamDependencies,
  start: TurnStart,
  signal: AbortSignal,
): AsyncGenerator<TurnEvent> {
  const retry = createRetry(deps, deps.onConnection);
  let turnId = 'turnId' in start ? start.turnId : null;
  let cursor = 'turnId' in start ? start.after : 'chat' in start ? (start.chat.after ?? 0) : 0;

  function open() {
    if (turnId === null && 'chat' in start) {
      return deps.openChat({ ...start.chat, after: cursor }, signal, retry.connected);
    }
    return deps.openTurn(turnId ?? '', cursor, signal, retry.connected);
  }

  while (!signal.aborted) {
    try {
      if (turnId === null && 'begin' in start) turnId = await start.begin(signal);
      for await (const event of open()) {
        turnId = event.turnId;
        const fresh = after(event, cursor);
        if (!fresh) continue;
        cursor = fresh.cursor;
        retry.succeeded();
        yield fresh;
        if (isTerminal(fresh)) return;
      }
      if (signal.aborted) return;
      // Completed without a terminal event: because it had been seen already, or because the server is going down.
      if (turnId !== null && (await isBehind(deps, turnId, cursor, signal))) return;
      throw new ConnectionLost();
    } catch (failure) {
      if (signal.aborted) return;
      await retry.pause(failure, turnId !== null, signal);
    }
  }
}

/** What of an event lies behind the cursor; null when that is nothing. */
function after(event: TurnEvent, cursor: number): TurnEvent | null {
  if (event.cursor <= cursor) return null;
  if (!('text' in event)) return event;
  const begins = event.cursor - event.text.length;
  // There is text in between that never arrived. Asking again from the cursor brings it.
  if (begins > Math.max(cursor, FIRST_TEXT)) throw new ConnectionLost();
  const known = cursor - begins;
  if (known <= 0) return event;
  const text = event.text.slice(known);
  return event.__typename === 'TurnDelta' ? { ...event, text, offset: event.offset + known } : { ...event, text };
}

/** The start and the retrieval come before all text. */
const FIRST_TEXT = 2;

export function isTerminal(event: TurnEvent): event is Extract<TurnEvent, { message: unknown }> {
  return event.__typename === 'TurnFinished' || event.__typename === 'TurnFailed';
}

async function isBehind(deps: TurnStreamDependencies, turnId: string, cursor: number, signal: AbortSignal) {
  const position = await deps.position(turnId, signal);
  if (!position) throw new ColloquyError({ code: 'NOT_FOUND', message: 'No such turn.' });
  return position.ended && position.cursor <= cursor;
}
