import type { IncomingMessage } from 'node:http';
import { AppError } from '../errors.ts';

/** What is sent to say who asks, as far as it can be one. `text` is null for what cannot: "Basic …", say. */
export type Credential = { type: 'session' | 'key'; text: string | null };

/** A request whose body was read elsewhere has no raw headers: they were looked at before that. */
type HeadersOf = Pick<IncomingMessage, 'headers'> & Partial<Pick<IncomingMessage, 'rawHeaders'>>;
type Given = { authorization: unknown; apiKeys: unknown[] };

/** In what is sent as a Bearer token it tells an API key from an access token. */
const KEY_BEGINNING = 'api_';
/** Names under which somebody may try to send one in an address. */
const QUERY_NAMES = ['apikey', 'xapikey'];
/** Of that length and with a capital, unlike the names of files that begin so. The last of 43 characters has four bits. */
const SECRET = /api_(?=[\w-]{0,42}[A-Z])[\w-]{42}[AEIMQUYcgkosw048](?![\w-])/;

/** Of a request over HTTP: from Authorization or X-API-Key. Null: there is none. Throws BAD_USER_INPUT for two. */
export function credentialOf(request: HeadersOf): Credential | null {
  return readCredential(inHeaders(request));
}

/**
 * Of a socket: from the connection's parameters, where browsers can put it, and from the headers of the upgrade. Throws
 * BAD_USER_INPUT for two.
 */
export function socketCredentialOf(
  parameters: Record<string, unknown> | undefined,
  request: HeadersOf & Pick<IncomingMessage, 'url'>,
): Credential | null {
  refuseKeyInAddress(request);
  const fromHeaders = readCredential(inHeaders(request));
  const named = (...names: string[]) =>
    Object.entries(parameters ?? {})
      .filter(([name]) => names.includes(name.toLowerCase()))
      .map(([, value]) => value);
  const [authorization, ...others] = named('authorization');
  if (others.some((other) => other !== authorization)) throw disagreeing();
  const fromParameters = readCredential({ authorization, apiKeys: named('apikey', 'x-api-key') });
  if (fromHeaders && fromParameters && !isSame(fromHeaders, fromParameters)) throw disagreeing();
  return fromParameters ?? fromHeaders;
}

/** Addresses are kept in logs of proxies and in histories: what stands in one is not secret any more. */
export function refuseKeyInAddress({ url = '' }: Pick<IncomingMessage, 'url'>): void {
  const [, query] = url.split(/\?(.*)/s, 2);
  if (!query) return;
  const found = [...new URLSearchParams(query)].some(
    ([name, value]) =>
      QUERY_NAMES.includes(name.toLowerCase().replace(/[^a-z]/g, '')) || SECRET.test(name) || SECRET.test(value),
  );
  if (!found) return;
  const message = 'A key in an address ends in logs: do not use it any more. Send one as X-API-Key or Authorization.';
  throw new AppError({ code: 'BAD_USER_INPUT', message });
}

function inHeaders({ headers, rawHeaders = [] }: HeadersOf): Given {
  // Of several Node keeps the first, and a proxy in front may have looked at another.
  const sent = rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === 'authorization');
  if (sent.some((value) => value.trim() !== sent[0]?.trim())) throw disagreeing();
  // Sent more than once they come as one, with commas between.
  const apiKeys = [headers['x-api-key'] ?? []].flat().flatMap((value) => value.split(','));
  return { authorization: headers.authorization, apiKeys };
}

function readCredential({ authorization, apiKeys }: Given): Credential | null {
  const keys = [...new Set(apiKeys.map(textOf).filter((key) => key !== ''))];
  if (keys.length > 1) throw disagreeing();
  const [key] = keys;
  const header = textOf(authorization);
  const bearer = /^Bearer +(\S+)$/i.exec(header)?.[1] ?? null;
  if (key !== undefined) {
    if (header !== '' && bearer !== key) throw disagreeing();
    return { type: 'key', text: key };
  }
  if (header === '') return null;
  return { type: bearer?.startsWith(KEY_BEGINNING) ? 'key' : 'session', text: bearer };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

function isSame(one: Credential, other: Credential): boolean {
  return one.type === other.type && one.text === other.text;
}

function disagreeing(): AppError {
  const message = 'Two credentials were sent, and they are not the same. Send one: Authorization or X-API-Key.';
  return new AppError({ code: 'BAD_USER_INPUT', message });
}
