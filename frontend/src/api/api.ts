import { browserTokenStore, type Client, type ColloquyError, createClient } from '@colloquy/sdk';
import { cacheExchange, Client as GraphClient } from 'urql';
import { createConnectionState } from './connection-state.ts';
import { sdkExchange } from './sdk-exchange.ts';

export const TOKENS_KEY = 'colloquy.tokens';

export type Api = {
  client: Client;
  /** For what is read by hooks and shared by components: it keeps results and knows when they are stale. */
  graph: GraphClient;
  connection: ReturnType<typeof createConnectionState>;
};

export function createApi(onSignedOut: (error: ColloquyError) => void): Api {
  const connection = createConnectionState();
  const client = createClient({
    url: new URL('/graphql', location.href),
    tokenStore: browserTokenStore(TOKENS_KEY),
    onSignedOut,
    webSocket: connection.webSocket,
    // An open page waits for as long as it is open.
    reconnect: { patienceMs: Number.POSITIVE_INFINITY, maxDelayMs: 5_000 },
    idleSocketMs: 10_000,
  });
  const graph = new GraphClient({
    url: '/graphql',
    preferGetMethod: false,
    exchanges: [cacheExchange, sdkExchange(client)],
  });
  return { client, graph, connection };
}
