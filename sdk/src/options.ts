import type { Delay } from './delay.ts';
import type { ColloquyError } from './errors.ts';
import type { Fetch } from './http.ts';
import type { ReconnectOptions } from './retry.ts';
import type { Credential } from './session.ts';
import type { TokenStore, Tokens } from './tokens.ts';

export type ClientOptions = {
  /** Of the server ("http://127.0.0.1:4000") or of its graph ("https://example.org/chat/graphql"). */
  url: string | URL;
  /** A fixed access token. It cannot be renewed: for programs that get theirs from elsewhere. */
  token?: string;
  /** A fixed API key. */
  apiKey?: string;
  /** A sign-in to go on with. It is renewed by itself; `onTokens` tells the new ones, which have to be kept. */
  tokens?: Tokens | null;
  /** Where the sign-in is kept: read at the first request, written at every change. */
  tokenStore?: TokenStore;
  /** How subscriptions travel. 'sse' passes where proxies block WebSockets. Default: 'ws'. */
  transport?: 'ws' | 'sse';
  fetch?: Fetch;
  /** A constructor of WebSockets, such as that of the package ws: needed on Node 20, which has none. */
  webSocket?: unknown;
  /** The tokens have changed; null: signed out. */
  onTokens?: (tokens: Tokens | null) => void;
  /** The sign-in has ended although nobody called `logout`: its session was revoked, or it was too old. */
  onSignedOut?: (error: ColloquyError) => void;
  reconnect?: ReconnectOptions;
  /** How long a query or mutation may take. 0: as long as it takes. Default: a minute. */
  requestTimeoutMs?: number;
  /** How often a silent connection is asked whether it is alive. Default: ten seconds. */
  pingMs?: number;
  /** How long the answer to that may take. Default: five seconds. */
  pongMs?: number;
  /** How long it may take to open a socket. Default: fifteen seconds. */
  connectMs?: number;
  /** How long a socket that nobody uses stays open. It keeps a program running, so the default is 0. */
  idleSocketMs?: number;
  now?: () => number;
  delay?: Delay;
  random?: () => number;
};

export function credentialOf({ token, apiKey, tokens, tokenStore }: ClientOptions): Credential | null {
  const given = [token, apiKey, tokens ?? tokenStore].filter((one) => one !== undefined);
  if (given.length > 1) throw new TypeError('Give one of token, apiKey, and tokens or tokenStore.');
  if (token !== undefined) return { kind: 'bearer', value: token };
  return apiKey === undefined ? null : { kind: 'api-key', value: apiKey };
}

/** Where the graph is. In a browser a path is enough. */
export function graphUrl(url: string | URL): string {
  const base = (globalThis as { location?: { href: string } }).location?.href;
  const parsed = new URL(url, base);
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') {
    throw new TypeError(`The address of the server begins with http:// or https://, not ${parsed.protocol}`);
  }
  if (parsed.pathname === '/') parsed.pathname = '/graphql';
  return parsed.href;
}
