import type { FakeSocketRequest } from './fake-graph.ts';

export const TURN_ID = 'turn-1';
const TEXT = ['Hel', 'lo ', '👋', ' world', '!'];

/** All events of a turn, as the graph tells them. */
export const EVENTS = (() => {
  let cursor = 2;
  let offset = 0;
  const deltas = TEXT.map((text) => {
    const event = { __typename: 'TurnDelta', turnId: TURN_ID, cursor: cursor + text.length, text, offset };
    cursor += text.length;
    offset += text.length;
    return event;
  });
  const message = { id: 'message-1', content: TEXT.join(''), reasoning: null };
  return [
    { __typename: 'TurnStarted', turnId: TURN_ID, cursor: 1, turn: { id: TURN_ID } },
    { __typename: 'TurnRetrieved', turnId: TURN_ID, cursor: 2, citations: [], degraded: null },
    ...deltas,
    { __typename: 'TurnFinished', turnId: TURN_ID, cursor: cursor + 1, finishReason: 'STOP', message },
  ];
})();

/** Where the client of a `chat` or `turn` subscription wants to go on. */
export function positionOf({ operationName, variables }: FakeSocketRequest): number {
  return Number((operationName === 'Chat' ? (variables.input as { after?: number }).after : variables.after) ?? 0);
}

/** Sends what comes behind the position, at most `limit` events. Returns whether that was all. */
export function tell(request: FakeSocketRequest, limit = Number.POSITIVE_INFINITY): boolean {
  const field = request.operationName === 'Chat' ? 'chat' : 'turn';
  const left = EVENTS.filter(({ cursor }) => cursor > positionOf(request));
  for (const event of left.slice(0, limit)) request.next({ [field]: event });
  return limit >= left.length;
}
