import { randomUUID } from 'node:crypto';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { LEAN_DOCUMENT } from '../stream/protocol.ts';
import type { Generation } from './generation.ts';

const DOCUMENT = LEAN_DOCUMENT.replace('usage { totalTokens }', 'usage { completionTokens }');

export type Watched = Generation & { conversationId: string };
type Event = {
  __typename: string;
  turn?: { conversation: { id: string } };
  usage?: { completionTokens: number };
  error?: { message: string };
};

/** Turns as a page watches them, over one socket. */
export function openTurns({ url, token, model }: { url: string; token: string; model: string }) {
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    lazy: false,
  });

  async function watch(text: string, options: object, conversationId?: string): Promise<Watched> {
    const input = { turnKey: randomUUID(), text, model, options, conversationId, retrieval: { enabled: false } };
    const started = performance.now();
    let first = Number.NaN;
    let last = Number.NaN;
    const watched: Watched = { tokens: 0, firstMs: 0, restMs: 0, conversationId: conversationId ?? '' };
    for await (const { data, errors } of client.iterate<{ chat: Event }>({ query: DOCUMENT, variables: { input } })) {
      const event = data?.chat;
      if (errors || !event || event.error) throw new Error(JSON.stringify(errors ?? event?.error));
      if (event.turn) watched.conversationId = event.turn.conversation.id;
      if (event.__typename === 'TurnDelta') {
        last = performance.now();
        if (Number.isNaN(first)) first = last;
      }
      if (event.usage) watched.tokens = event.usage.completionTokens;
    }
    return { ...watched, firstMs: first - started, restMs: last - first };
  }

  return { watch, close: () => client.dispose() };
}
