import { cancellable } from './cancellable.ts';
import { createConversationTransfers } from './conversation-transfer.ts';
import { delay } from './delay.ts';
import { type Document, operationOf } from './document.ts';
import { createTransfers } from './file-transfer.ts';
import { ChatDocument, RefreshDocument, TurnPositionDocument, WatchTurnDocument } from './generated/graphql.ts';
import { createHttp, headersOf, type RequestOptions } from './http.ts';
import { followLive } from './live-stream.ts';
import { type ClientOptions, credentialOf, graphUrl } from './options.ts';
import type { ConnectionState, RetryDependencies } from './retry.ts';
import { createSession, type Session } from './session.ts';
import { createSocketTransport } from './socket.ts';
import { createSseTransport } from './sse.ts';
import type { StreamTransport } from './transport.ts';
import { followTurn, type TurnStart, type TurnStreamDependencies } from './turn-stream.ts';

export type StreamOptions = {
  /** Ends the stream, without an error. */
  signal?: AbortSignal | undefined;
  /** The connection was lost and is being looked for, or is there again. For a notice to the person who waits. */
  onConnection?: ((state: ConnectionState) => void) | undefined;
};

export type SubscribeOptions = StreamOptions & {
  /** The stream goes on after a gap, in which something may have been missed. */
  onReconnect?: (() => void) | undefined;
  /** Go on also when the server completes the subscription. */
  endless?: boolean;
};

export type Connection = ReturnType<typeof createConnection>;

/** Everything between typed documents and the wire. */
export function createConnection(options: ClientOptions) {
  const url = graphUrl(options.url);
  const now = options.now ?? Date.now;
  // Called as a function of nothing: a browser's own refuses another `this`.
  const given = options.fetch;
  const fetch: typeof globalThis.fetch = given
    ? (...request) => given(...request)
    : (...request) => globalThis.fetch(...request);
  const disposed = new AbortController();

  const session: Session = createSession({
    fixed: credentialOf(options),
    tokens: options.tokens ?? null,
    store: options.tokenStore ?? null,
    refresh: async (refreshToken) => (await request(RefreshDocument, { refreshToken }, { anonymous: true })).refresh,
    onTokens: (tokens) => options.onTokens?.(tokens),
    onSignedOut: (error) => options.onSignedOut?.(error),
    now,
  });
  const execute = createHttp({
    url,
    fetch,
    session: () => session,
    timeoutMs: options.requestTimeoutMs ?? 60_000,
  });
  const transferOptions = { url, fetch, ownFetch: given !== undefined, session: () => session };
  const transfers = createTransfers(transferOptions);
  const conversationTransfers = createConversationTransfers(transferOptions);
  const transport = createTransport();
  const retry: RetryDependencies = {
    session,
    transport,
    reconnect: { patienceMs: 120_000, firstDelayMs: 100, maxDelayMs: 10_000, ...options.reconnect },
    now,
    delay: options.delay ?? delay,
    random: options.random ?? Math.random,
  };

  function createTransport(): StreamTransport {
    const pingMs = options.pingMs ?? 10_000;
    const pongMs = options.pongMs ?? 5_000;
    // The server sends a sign of life every twelve seconds.
    if (options.transport === 'sse')
      return createSseTransport({ url, fetch, session, silenceMs: 12_000 + pingMs + pongMs });
    const { webSocket, idleSocketMs = 0, connectMs = 15_000 } = options;
    return createSocketTransport({ url, webSocket, session, pingMs, pongMs, connectMs, idleMs: idleSocketMs });
  }

  async function request<Result, Variables extends object>(
    document: Document<Result, Variables>,
    variables?: Variables,
    requestOptions?: RequestOptions,
  ): Promise<Result> {
    return (await execute(operationOf(document, variables), requestOptions)) as Result;
  }

  async function* once<Result, Variables extends object>(
    document: Document<Result, Variables>,
    variables: Variables | undefined,
    signal: AbortSignal,
    onOpen: () => void,
  ): AsyncGenerator<Result> {
    const answers = transport.subscribe(operationOf(document, variables), { signal, onOpen });
    for await (const { data } of answers) yield data as Result;
  }

  const turns: TurnStreamDependencies = {
    ...retry,
    async *openChat(input, signal, onOpen) {
      for await (const { chat } of once(ChatDocument, { input }, signal, onOpen)) yield chat;
    },
    async *openTurn(id, after, signal, onOpen) {
      for await (const { turn } of once(WatchTurnDocument, { id, after }, signal, onOpen)) yield turn;
    },
    async position(id, signal) {
      const { turn } = await request(TurnPositionDocument, { id }, { signal });
      return turn && { ended: turn.status !== 'GENERATING', cursor: turn.cursor };
    },
  };

  const lifeOf = (signal: AbortSignal | undefined) =>
    signal ? AbortSignal.any([signal, disposed.signal]) : disposed.signal;

  return {
    session,
    request,
    ...transfers,
    ...conversationTransfers,
    /** What a request of one's own is signed in with, renewed where it was about to end. */
    headers: async () => headersOf(await session.credential()),
    /** Whose requests run is another one now. */
    reset: () => transport.reset(),

    subscribe<Result, Variables extends object>(
      document: Document<Result, Variables>,
      variables?: Variables,
      { signal, endless = false, ...told }: SubscribeOptions = {},
    ): AsyncIterableIterator<Result> {
      return cancellable(
        (inner) => followLive(retry, (...open) => once(document, variables, ...open), { endless, ...told }, inner),
        lifeOf(signal),
      );
    },

    followTurn(start: TurnStart, { signal, onConnection }: StreamOptions = {}) {
      return cancellable((inner) => followTurn({ ...turns, onConnection }, start, inner), lifeOf(signal));
    },

    /** Ends all streams and closes the socket. */
    dispose(): void {
      disposed.abort();
      transport.dispose();
    },
  };
}
