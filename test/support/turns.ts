import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { type Data, subscribe, type TestServer, type Transport } from './server.ts';

const EVENT = `
  __typename turnId cursor
  ... on TurnStarted { turn { id conversation { id } userMessage { id } assistantMessage { id } } }
  ... on TurnRetrieved { degraded citations { index } }
  ... on TurnDelta { text offset }
  ... on TurnReasoning { text }
  ... on TurnFinished { finishReason usage { promptTokens completionTokens totalTokens } message { id status content reasoning } }
  ... on TurnFailed { error { code message retryable } message { id status content reasoning } }
`;

export const CHAT = `subscription ($input: ChatInput!) { chat(input: $input) { ${EVENT} } }`;
export const TURN = `subscription ($id: ID!, $after: Int) { turn(id: $id, after: $after) { ${EVENT} } }`;
export const SEND = `mutation ($input: ChatInput!, $wait: Boolean) {
  sendMessage(input: $input, wait: $wait) {
    id status cursor model conversation { id title } userMessage { id } assistantMessage { id status content error { code } }
  }
}`;
export const STOP = `mutation ($id: ID!) { stopTurn(id: $id) { id status assistantMessage { status content } } }`;

export type ChatEvent = Data & { __typename: string; turnId: string; cursor: number };

export type Watched = {
  events: ChatEvent[];
  /** The answer, joined from its deltas. */
  text: string;
  reasoning: string;
  last: ChatEvent;
};

type Server = Pick<TestServer, 'graphqlUrl' | 'socketUrl'>;

/** The events of a subscription, errors thrown. */
export async function* eventsOf(
  server: Server,
  transport: Transport,
  token: string,
  query: string,
  variables: Record<string, unknown>,
): AsyncGenerator<ChatEvent> {
  for await (const result of subscribe(server, transport, token, query, variables)) {
    if (result.errors) throw new Error(JSON.stringify(result.errors));
    yield Object.values(result.data ?? {})[0] as ChatEvent;
  }
}

/** Watches to the end and checks what holds for every stream: cursors increase by what was sent, one terminal event. */
export async function watchToEnd(stream: AsyncIterable<ChatEvent>, after = 0): Promise<Watched> {
  const events: ChatEvent[] = [];
  for await (const event of stream) events.push(event);
  let position = after;
  for (const event of events) {
    const { __typename, cursor } = event;
    position += __typename === 'TurnDelta' || __typename === 'TurnReasoning' ? (event.text as string).length : 1;
    expect(cursor).toBe(position);
  }
  const terminal = events.filter(({ __typename }) => __typename === 'TurnFinished' || __typename === 'TurnFailed');
  expect(terminal).toHaveLength(1);
  const last = events.at(-1) as ChatEvent;
  expect(last).toBe(terminal[0]);
  return { events, text: textOf(events, 'TurnDelta'), reasoning: textOf(events, 'TurnReasoning'), last };
}

export function textOf(events: ChatEvent[], type: 'TurnDelta' | 'TurnReasoning'): string {
  return events.map((event) => (event.__typename === type ? (event.text as string) : '')).join('');
}

export function chatInput(model: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { turnKey: randomUUID(), text: 'A question', model: `openai/${model}`, ...more };
}
