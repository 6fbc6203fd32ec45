import type { Duplex } from 'node:stream';

/**
 * Answers a connection that is not to become a socket, and closes it. HTTP has let go of it already, so nothing else
 * would: who keeps a refused connection open would keep it for ever, and hold up a server that closes.
 */
export function refuseUpgrade(connection: Duplex, status: '403 Forbidden' | '404 Not Found'): void {
  connection.once('finish', () => connection.destroy());
  connection.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
