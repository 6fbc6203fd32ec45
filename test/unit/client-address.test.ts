import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { createClientAddress } from '../../src/transport/client-address.ts';

function addressOf(proxies: number, remoteAddress: string | undefined, forwarded?: string): string | null {
  const request = {
    socket: { remoteAddress },
    headers: { ...(forwarded !== undefined && { 'x-forwarded-for': forwarded }) },
  };
  return createClientAddress(proxies)(request as unknown as IncomingMessage);
}

test.each([
  [0, '192.0.2.1', undefined, '192.0.2.1'],
  [0, '::ffff:192.0.2.1', undefined, '192.0.2.1'],
  [0, 'FE80::1%eth0', undefined, 'fe80::1'],
  [0, undefined, undefined, null],
  // Written by anybody.
  [0, '192.0.2.1', '203.0.113.9', '192.0.2.1'],
  [1, '192.0.2.1', '203.0.113.9', '203.0.113.9'],
  [1, '192.0.2.1', '198.51.100.7, 203.0.113.9', '203.0.113.9'],
  [2, '192.0.2.1', '198.51.100.7, 203.0.113.9 ,10.0.0.1', '203.0.113.9'],
  [2, '192.0.2.1', '203.0.113.9', '203.0.113.9'],
  [1, '192.0.2.1', '203.0.113.9:4711', '203.0.113.9'],
  [1, '192.0.2.1', '2001:DB8::1', '2001:db8::1'],
  [1, '192.0.2.1', '[2001:db8::1]:4711', '2001:db8::1'],
  [1, '192.0.2.1', '[2001:db8::1]', '2001:db8::1'],
  // The proxy has not said it.
  [1, '192.0.2.1', undefined, '192.0.2.1'],
  [1, '192.0.2.1', '', '192.0.2.1'],
  [1, '192.0.2.1', 'unknown', '192.0.2.1'],
  [1, '192.0.2.1', "203.0.113.9, '; DROP TABLE users", '192.0.2.1'],
] as const)('behind %i proxies, from %s, forwarded for %j: %s', (proxies, direct, forwarded, expected) => {
  expect(addressOf(proxies, direct, forwarded)).toBe(expected);
});
