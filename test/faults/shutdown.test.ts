import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startCuttingProxy } from '../support/cutting-proxy.ts';
import { createPostgresDatabase } from '../support/database.ts';
import { openGraphqlSocket } from '../support/graphql-socket.ts';
import { temporaryFolder } from '../support/main-process.ts';
import { startTestServer } from '../support/server.ts';
import { startServerProcess } from '../support/server-process.ts';

/** Less than what container runtimes wait before they kill: ten seconds. */
const IN_TIME = 8_000;

const handshake = (path: string) =>
  [
    `GET ${path} HTTP/1.1`,
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Origin: https://elsewhere.example',
    '\r\n',
  ].join('\r\n');

describe('a server that closes', () => {
  it.each(['/graphql', '/elsewhere'])(
    'does not wait for who was refused a socket at %s and stays',
    async (path) => {
      const server = await startTestServer({ shared: true });
      const connection = connect({ port: Number(new URL(server.url).port), host: '127.0.0.1', allowHalfOpen: true });
      onTestFinished(() => void connection.destroy());
      connection.on('error', () => {});
      await once(connection, 'connect');
      connection.write(handshake(path));
      await once(connection, 'data');
      await server.close();
    },
    IN_TIME,
  );

  it(
    'does not wait for a client that is there no more and has not said so',
    async () => {
      const server = await startTestServer({ shared: true });
      const user = await server.register();
      const { socket } = await openGraphqlSocket(server, { token: user.token });
      socket.pause();
      await server.close();
    },
    IN_TIME,
  );
});

describe('a process that is told to end', () => {
  it('ends, though the database does not answer any more', async () => {
    const { url, drop } = await createPostgresDatabase();
    onTestFinished(drop);
    const proxy = await startCuttingProxy(url);
    onTestFinished(() => proxy.close());
    const behind = new URL(url);
    behind.host = new URL(proxy.url).host;
    const server = await startServerProcess({ DATABASE_URL: behind.toString(), DATA_DIR: await temporaryFolder() });
    proxy.freeze();
    expect(await server.end('SIGTERM')).toBe(1);
    expect(server.output()).toContain('was not over in time');
  });
});
