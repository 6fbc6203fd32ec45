import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

type MetricsRequest = Pick<IncomingMessage, 'headers' | 'socket'>;

/** What proxies say of whom they ask for. */
const FORWARDING_HEADERS = [
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-server',
  'x-real-ip',
  'cf-connecting-ip',
  'true-client-ip',
];

/**
 * Whether the figures may be read: with the token, or by a program of this machine. 401: with other credentials than the
 * token; 403: there is none that would do.
 */
export function createMetricsAccess(token: string | undefined): (request: MetricsRequest) => 200 | 401 | 403 {
  const expected = token === undefined ? null : digest(token);
  return (request) => {
    const given = /^Bearer +(\S+)$/i.exec(request.headers.authorization?.trim() ?? '')?.[1];
    if (expected && given && timingSafeEqual(digest(given), expected)) return 200;
    if (request.headers.authorization === undefined && isOfThisMachine(request)) return 200;
    return expected ? 401 : 403;
  };
}

/**
 * The address of the connection itself, whatever TRUST_PROXY says of others: a proxy on this machine comes from it for
 * the whole world, but says so, or passes on the name by which it was asked. So would a page whose name was made to lead here.
 */
function isOfThisMachine({ headers, socket }: MetricsRequest): boolean {
  if (!isLoopback((socket.remoteAddress ?? '').replace(/^::ffff:/i, ''))) return false;
  if (FORWARDING_HEADERS.some((name) => headers[name] !== undefined)) return false;
  const host = (headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  return host === 'localhost' || isLoopback(host.replace(/^\[(.*)\]$/, '$1'));
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^127(\.\d{1,3}){3}$/.test(address);
}

/** Of the same length whatever the text: nothing of it can be told from the time that a comparison takes. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
