import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/** Where a request comes from. Null: it is not known. */
export type ClientAddress = (request: Pick<IncomingMessage, 'headers' | 'socket'>) => string | null;

/**
 * With proxies in front, what they have put into X-Forwarded-For: each adds the address that it was asked from at the
 * end, so that the client's is as many from there as there are proxies. What stands before it anybody may have written.
 */
export function createClientAddress(proxies: number): ClientAddress {
  return ({ headers, socket }) => {
    const direct = plainAddress(socket.remoteAddress ?? '');
    if (proxies === 0) return direct;
    const forwarded = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
    return plainAddress(forwarded[Math.max(0, forwarded.length - proxies)] ?? '') ?? direct;
  };
}

/** Without port, brackets and zone; of IPv4 in IPv6 the IPv4. Null for what is no address. */
function plainAddress(given: string): string | null {
  const text = given.trim().replace(/^\[(.*)\](:\d+)?$/, '$1');
  const bare = isIP(text) ? text : text.replace(/:\d+$/, '');
  const address = bare.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '');
  return isIP(address) ? address.toLowerCase() : null;
}
