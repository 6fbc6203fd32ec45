import { browserTokenStore, type Client, type ColloquyError, createClient } from '@colloquy/sdk';
import { cacheExchange, Client as GraphClient } from 'urql';
import { browserStorage } from '../util/browser-storage.ts';
import { createConnectionState } from './connection-state.ts';
import { sdkExchange } from './sdk-exchange.ts';
import { TOKENS_KEY } from './stored-tokens.ts';

export type Api = {
  client: Client;
  /**
   * For what is read by hooks and shared by components: it keeps results and knows when they are stale. One for each
   * sign-in: what one person has read is not shown to the next.
   */
  createGraph: () => GraphClient;
  connection: ReturnType<typeof createConnectionState>;
};

export function createApi(onSignedOut: (error: ColloquyError) => void): Api {
  const connection = createConnectionState();
  const client = createClient({
    url: new URL('/graphql', location.href),
    tokenStore: browserTokenStore(TOKENS_KEY, browserStorage),
    onSignedOut,
    webSocket: connection.webSocket,
    // An open page waits for as long as it is open.
    reconnect: { patienceMs: Number.POSITIVE_INFINITY, maxDelayMs: 5_000 },
    idleSocketMs: 10_000,
  });
  const createGraph = () =>
    new GraphClient({
      url: '/graphql',
      preferGetMethod: false,
      exchanges: [cacheExchange, sdkExchange(client)],
    });
  return { client, createGraph, connection };
}
