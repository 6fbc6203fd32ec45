import { type Client, createClient } from 'graphql-ws';
import { ColloquyError, errorOf, unauthenticated } from './errors.ts';
import { createPushStream } from './push-stream.ts';
import type { Credential, Session } from './session.ts';
import { type Answer, ConnectionLost, type Operation, Refused, type StreamTransport } from './transport.ts';

export type SocketOptions = {
  url: string;
  /** A constructor of WebSockets; left out: the runtime's own. */
  webSocket: unknown;
  session: Session;
  /** A connection on which nothing has come for so long is asked whether it is alive. */
  pingMs: number;
  /** How long the answer to that may take. */
  pongMs: number;
  /** How long it may take until the server has let the socket in. */
  connectMs: number;
  /** How long the socket stays open when nothing is subscribed to. */
  idleMs: number;
};

/** The credentials are not good, or not any more. Whoever has better ones may come back. */
const FORBIDDEN = 4403;
/** What this client says itself makes no sense to the server: trying again changes nothing. */
const HOPELESS = new Set([4004, 4400, 4406, 4409]);

/** Subscriptions over one WebSocket, in the graphql-transport-ws protocol. It is opened when it is needed. */
export function createSocketTransport(options: SocketOptions): StreamTransport {
  const { session } = options;
  const openWaiters = new Set<() => void>();
  let client: Client | undefined;
  let connected = false;
  let inUse: Credential | null = null;
  let silence: ReturnType<typeof setTimeout> | undefined;

  function open(): Client {
    if (options.webSocket === undefined && typeof globalThis.WebSocket === 'undefined') {
      throw new TypeError('There is no WebSocket here: pass one as `webSocket`, or choose the transport "sse".');
    }
    return createClient({
      url: options.url.replace(/^http/, 'ws'),
      ...(options.webSocket !== undefined && { webSocketImpl: options.webSocket }),
      // Whoever follows a stream comes back by himself, from the position that he has reached.
      retryAttempts: 0,
      keepAlive: options.pingMs,
      lazyCloseTimeout: options.idleMs,
      async connectionParams() {
        inUse = await session.credential();
        if (!inUse) return {};
        return inUse.kind === 'bearer' ? { authorization: `Bearer ${inUse.value}` } : { apiKey: inUse.value };
      },
      on: {
        // Also where packets vanish: an address that nobody answers for is given up by the system after minutes only.
        connecting: () => expect(options.connectMs),
        connected: () => {
          clearTimeout(silence);
          connected = true;
          for (const tell of openWaiters) tell();
          openWaiters.clear();
        },
        ping: (received) => {
          if (!received) expect(options.pongMs);
        },
        pong: (received) => {
          if (received) clearTimeout(silence);
        },
        closed: () => {
          clearTimeout(silence);
          connected = false;
          openWaiters.clear();
        },
      },
    });
  }

  /** A dead network may keep a socket "closing" for minutes: the streams are told at once. */
  function expect(milliseconds: number): void {
    clearTimeout(silence);
    silence = setTimeout(() => client?.terminate(), milliseconds);
  }

  async function* subscribe(operation: Operation, { signal, onOpen }: Parameters<StreamTransport['subscribe']>[1]) {
    client ??= open();
    const { query, operationName, variables } = operation;
    const stream = createPushStream<Answer>(() => {
      signal.removeEventListener('abort', leave);
      openWaiters.delete(onOpen);
      unsubscribe();
    });
    const leave = () => stream.end();
    if (connected) onOpen();
    else openWaiters.add(onOpen);
    const unsubscribe = client.subscribe(
      { query, variables, ...(operationName !== undefined && { operationName }) },
      { next: stream.push, error: (error) => stream.fail(failureOf(error)), complete: stream.end },
    );
    signal.addEventListener('abort', leave);
    if (signal.aborted) leave();
    for await (const answer of stream.items) {
      if (answer.errors) throw refusal(errorOf(answer.errors));
      yield answer;
    }
  }

  function refusal(error: ColloquyError): Error {
    return error.code === 'UNAUTHENTICATED' ? new Refused(inUse, error) : error;
  }

  function failureOf(error: unknown): unknown {
    if (error instanceof ColloquyError) return error;
    if (Array.isArray(error)) return refusal(errorOf(error));
    const { code, reason } = (error ?? {}) as { code?: unknown; reason?: unknown };
    if (code === FORBIDDEN) return new Refused(inUse, unauthenticated(error));
    if (typeof code === 'number' && HOPELESS.has(code)) {
      return new ColloquyError({ code: 'INTERNAL', message: `The server closed the socket: ${reason}`, cause: error });
    }
    return new ConnectionLost(error);
  }

  return {
    subscribe,
    reset(refused) {
      if (refused === undefined || refused?.value === inUse?.value) client?.terminate();
    },
    dispose() {
      // Rejects when the socket is just failing to open, which is as good as closed.
      Promise.resolve(client?.dispose()).catch(() => {});
      client = undefined;
    },
  };
}
