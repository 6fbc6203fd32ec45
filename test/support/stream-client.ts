import { expect } from 'vitest';
import type { Transport } from './server.ts';
import { CHAT, type ChatEvent, eventsOf, TURN } from './turns.ts';

type Address = { graphqlUrl: string; socketUrl: string };

export type StreamClientOptions = {
  /** Tried one after another, whenever a connection breaks. */
  addresses: readonly Address[];
  token: string;
  transport?: Transport;
  /** Ends the client as broken. */
  deadlineMs?: number;
};

/** All that a client has received of a turn, over all its connections, in order. */
export type Received = { events: ChatEvent[]; from: number; connections: number };

const isTerminal = ({ __typename }: ChatEvent) => __typename === 'TurnFinished' || __typename === 'TurnFailed';
const PAUSE_MS = 50;

/** As a good client does it: goes on where it was, at whoever answers, until the turn has ended. */
export async function followTurn(
  { addresses, token, transport = 'ws', deadlineMs = 60_000 }: StreamClientOptions,
  start: { input: Record<string, unknown> } | { turnId: string; after: number },
  onEvent: (event: ChatEvent) => void = () => {},
): Promise<Received> {
  const from = 'after' in start ? start.after : 0;
  const received: Received = { events: [], from, connections: 0 };
  const deadline = performance.now() + deadlineMs;
  for (let attempt = 0; performance.now() < deadline; attempt++) {
    const address = addresses[attempt % addresses.length] as Address;
    const position = received.events.at(-1)?.cursor ?? from;
    // The same key joins the turn; so does its id.
    const [query, variables] =
      'input' in start
        ? [CHAT, { input: { ...start.input, after: position } }]
        : [TURN, { id: start.turnId, after: position }];
    received.connections += 1;
    try {
      for await (const event of eventsOf(address, transport, token, query, variables)) {
        received.events.push(event);
        onEvent(event);
        if (isTerminal(event)) return received;
      }
    } catch (error) {
      // What the server says of the request is no broken connection.
      if (error instanceof Error && /"code":"(?!UNAVAILABLE)/.test(error.message)) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
  throw new Error(`the turn had not ended after ${deadlineMs} ms: ${JSON.stringify(received.events.at(-1))}`);
}

/** What holds for every client, however often it was cut off and whoever answered it. */
export function checkReceived({ events, from }: Received): { text: string; reasoning: string; last: ChatEvent } {
  let position = from;
  const said = { TurnDelta: '', TurnReasoning: '' };
  for (const event of events) {
    const { __typename: type, cursor, text } = event;
    const isText = type === 'TurnDelta' || type === 'TurnReasoning';
    position += isText ? (text as string).length : 1;
    expect(cursor).toBe(position);
    if (isText) said[type] += text;
  }
  const last = events.at(-1) as ChatEvent;
  expect(events.filter(isTerminal)).toEqual([last]);
  const { content, reasoning } = last.message as { content: string; reasoning: string | null };
  // Nothing that was shown is not kept, and nothing that is kept was not shown.
  if (from <= 2) expect(said).toEqual({ TurnDelta: content, TurnReasoning: reasoning ?? '' });
  else expect(`${reasoning ?? ''}${content}`.slice(from - 2)).toBe(said.TurnReasoning + said.TurnDelta);
  return { text: said.TurnDelta, reasoning: said.TurnReasoning, last };
}
