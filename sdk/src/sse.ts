import { errorOf } from './errors.ts';
import { type Fetch, headersOf, readAnswer } from './http.ts';
import type { Session } from './session.ts';
import { type ServerEvent, splitEvents } from './sse-events.ts';
import { type Answer, ConnectionLost, type Operation, Refused, type StreamTransport } from './transport.ts';

export type SseOptions = {
  url: string;
  fetch: Fetch;
  session: Session;
  /** The server sends a sign of life every twelve seconds; after so long without one the connection is dead. */
  silenceMs: number;
};

/** Subscriptions over server-sent events: a request each. For networks that let no WebSocket pass. */
export function createSseTransport({ url, fetch, session, silenceMs }: SseOptions): StreamTransport {
  const resets = new Set<AbortController>();

  async function* subscribe(operation: Operation, { signal, onOpen }: Parameters<StreamTransport['subscribe']>[1]) {
    const credential = await session.credential();
    const controller = new AbortController();
    const abort = () => controller.abort();
    let silence: ReturnType<typeof setTimeout> | undefined;
    const sign = () => {
      clearTimeout(silence);
      silence = setTimeout(abort, silenceMs);
    };
    signal.addEventListener('abort', abort);
    resets.add(controller);
    try {
      signal.throwIfAborted();
      sign();
      const response = await fetch(url, {
        method: 'POST',
        headers: { accept: 'text/event-stream', 'content-type': 'application/json', ...headersOf(credential) },
        body: JSON.stringify(operation),
        signal: controller.signal,
      });
      const isStream = response.headers.get('content-type')?.startsWith('text/event-stream');
      if (!response.ok || !response.body || !isStream) {
        const { error, data } = readAnswer(response, await response.text());
        if (error) throw error.code === 'UNAUTHENTICATED' ? new Refused(credential, error) : error;
        yield { data };
        return;
      }
      onOpen();
      for await (const { event, data } of events(response.body, sign)) {
        if (event === 'complete') return;
        if (event !== 'next') continue;
        const answer = JSON.parse(data) as Answer;
        if (answer.errors) {
          const error = errorOf(answer.errors);
          throw error.code === 'UNAUTHENTICATED' ? new Refused(credential, error) : error;
        }
        yield answer;
      }
      throw new ConnectionLost();
    } catch (error) {
      if (signal.aborted) return;
      throw isNetworkFailure(error) ? new ConnectionLost(error) : error;
    } finally {
      clearTimeout(silence);
      signal.removeEventListener('abort', abort);
      resets.delete(controller);
      controller.abort();
    }
  }

  return {
    subscribe,
    reset(refused) {
      // Every request brings its own credential: only a change of the person ends those that run.
      if (refused === undefined) for (const controller of resets) controller.abort();
    },
    dispose() {
      for (const controller of resets) controller.abort();
    },
  };
}

/** What fetch and its body throw: TypeError for a broken connection, DOMException for an aborted one. */
function isNetworkFailure(error: unknown): boolean {
  return error instanceof TypeError || error instanceof DOMException || error instanceof SyntaxError;
}

async function* events(body: ReadableStream<Uint8Array>, onBytes: () => void): AsyncGenerator<ServerEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const split = splitEvents();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      onBytes();
      yield* split(decoder.decode(value, { stream: true }));
    }
  } finally {
    // Rejects when the connection broke, which the reader has been told already.
    reader.cancel().catch(() => {});
  }
}
