import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { json, text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createMemoryBus } from '../../src/adapters/bus/memory-bus.ts';
import { createDiskStore } from '../../src/adapters/files/disk-store.ts';
import type { Viewer } from '../../src/services/accounts/viewer.ts';
import { createExchange } from '../../src/transport/exchange.ts';
import { createUploadHandler, type UploadsDependencies } from '../../src/transport/uploads.ts';
import { createBodyReceiver, type UploadLimits } from '../../src/transport/uploads-body.ts';
import { createPostgresDatabase } from '../support/database.ts';
import { codeOf } from '../support/errors.ts';
import { PASSWORD, startTestServer, type TestServer, type TestUser } from '../support/server.ts';
import { startServerProcess } from '../support/server-process.ts';
import { answerOf, bearer, postFile, settledBytes, someText, storedBytes, UPLOAD } from '../support/uploads.ts';

const MEGABYTE = 1_048_576;

let server: TestServer;
let user: TestUser;
const errors: unknown[] = [];
beforeAll(async () => {
  server = await startTestServer({
    shared: true,
    errors,
    environment: { MAX_UPLOAD_MB: '4', WORKER_ENABLED: 'false' },
  });
  user = await server.register();
});
afterAll(() => server.close());

const countFiles = () => server.app.database.prisma.file.count();

/** A request by hand: its head is sent at once, its body by the caller. */
function open(path: string, headers: Record<string, string | number> = {}) {
  const request = httpRequest(`${server.url}${path}`, {
    method: 'POST',
    headers: { ...bearer(user.token), ...headers },
  });
  const answered = once(request, 'response').then(async ([response]: IncomingMessage[]) => ({
    status: response?.statusCode,
    body: (await json(response as IncomingMessage)) as object,
  }));
  answered.catch(() => {});
  request.flushHeaders();
  return { request, answered };
}

const PATHS = [
  ['/files', {}, ''],
  [
    '/graphql',
    { 'content-type': 'multipart/form-data; boundary=x' },
    [
      `--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n`,
      JSON.stringify({ query: UPLOAD, variables: { input: { file: null } } }),
      `\r\n--x\r\nContent-Disposition: form-data; name="map"\r\n\r\n{"0":["variables.input.file"]}`,
      `\r\n--x\r\nContent-Disposition: form-data; name="0"; filename="a.txt"\r\n\r\n`,
    ].join(''),
  ],
] as const;

describe.each(PATHS)('to %s', (path, headers, begin) => {
  test('an upload that is cut off leaves nothing', async () => {
    const before = { files: await countFiles(), bytes: await settledBytes(server) };
    const { request } = open(path, headers);
    request.on('error', () => {});
    request.write(begin + someText(200_000));
    await expect.poll(async () => (await storedBytes(server)).incoming.length).toBe(1);
    request.destroy();
    await expect.poll(() => storedBytes(server)).toEqual(before.bytes);
    expect(await countFiles()).toBe(before.files);
  });

  test('an upload whose access is revoked meanwhile is given up', async () => {
    const guest = await server.register();
    const { request, answered } = open(path, { ...headers, ...bearer(guest.token) });
    request.write(begin + someText(200_000));
    await expect.poll(async () => (await storedBytes(server)).incoming.length).toBe(1);
    await server.data('mutation { logout }', {}, guest.token);
    const { status, body } = await answered;
    expect([status, codeOf(body)]).toEqual([401, 'UNAUTHENTICATED']);
    request.destroy();
    expect((await settledBytes(server)).incoming).toEqual([]);
  });

  test('what says that it is too large is refused before it is sent', async () => {
    const { request, answered } = open(path, { ...headers, 'content-length': 45 * MEGABYTE });
    const { status, body } = await answered;
    expect([status, codeOf(body)]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
    request.destroy();
  });

  test('what turns out to be too large is refused, also to a client that goes on sending', async () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    let received = '';
    socket.on('data', (data) => {
      received += data;
    });
    const head = Object.entries({ ...bearer(user.token), ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\n${head.join('')}Transfer-Encoding: chunked\r\n\r\n`);
    const send = async (piece: string) => {
      if (!socket.write(`${piece.length.toString(16)}\r\n${piece}\r\n`)) await once(socket, 'drain');
    };
    if (begin) await send(begin);
    for (let sent = 0; sent < 5; sent += 0.5) await send('x'.repeat(MEGABYTE / 2));
    // The answer is there before the request has come to its end,
    await expect.poll(() => received).toContain('PAYLOAD_TOO_LARGE');
    expect(received).toMatch(/^HTTP\/1\.1 413 /);
    expect((await settledBytes(server)).incoming).toEqual([]);
    // and the rest of it is taken, so that the connection can be used again.
    for (let sent = 0; sent < 5; sent += 0.5) await send('x'.repeat(MEGABYTE / 2));
    socket.write('0\r\n\r\nGET /ready HTTP/1.1\r\nHost: x\r\n\r\n');
    await expect.poll(() => received).toContain('{"ready":true}');
  });

  test('who asks whether to send a body is told so when it is wanted, and only then', async () => {
    const expecting = { ...headers, expect: '100-continue' };
    const good = open(path, expecting);
    await once(good.request, 'continue');
    good.request.end(`${begin}${someText()}${begin && '\r\n--x--\r\n'}`);
    expect((await good.answered).status).toBe(path === '/files' ? 201 : 200);

    for (const [bad, status] of [
      [{ authorization: 'Bearer nonsense' }, 401],
      [{ 'content-length': 45 * MEGABYTE }, 413],
    ] as const) {
      const { request, answered } = open(path, { ...expecting, ...bad });
      let continued = false;
      request.on('continue', () => {
        continued = true;
      });
      request.on('error', () => {});
      expect((await answered).status).toBe(status);
      expect(continued).toBe(false);
      request.destroy();
    }
  });

  test('a user has a bounded number of uploads on their way', async () => {
    const guest = await server.register();
    const all = Array.from({ length: 6 }, () => open(path, { ...headers, ...bearer(guest.token) }));
    for (const { request } of all) request.write(`${begin}x`);
    await expect.poll(async () => (await storedBytes(server)).incoming.length).toBe(6);
    const { answered, request } = open(path, { ...headers, ...bearer(guest.token) });
    const { status, body } = await answered;
    expect([status, codeOf(body)]).toEqual([429, 'RATE_LIMITED']);
    request.destroy();
    for (const { request } of all) {
      request.on('error', () => {});
      request.destroy();
    }
    await expect.poll(async () => (await storedBytes(server)).incoming.length).toBe(0);
    expect((await postFile(server, someText(), { token: guest.token })).status).toBe(201);
  });
});

test('a connection that is closed by the client after its body still gets its answer', async () => {
  const { port } = new URL(server.url);
  const socket = connect(Number(port), '127.0.0.1');
  const body = someText(5 * MEGABYTE);
  socket.write(
    `POST /files HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${user.token}\r\nTransfer-Encoding: chunked\r\n\r\n`,
  );
  socket.end(`${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`);
  const answer = await text(socket);
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  expect(answer).toContain('PAYLOAD_TOO_LARGE');
});

test('compressed bodies are refused, and a second encoding of the same', async () => {
  const { answered, request } = open('/files', { 'content-encoding': 'gzip' });
  request.end('x');
  const { status, body } = await answered;
  expect([status, codeOf(body)]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
});

describe('with other limits', () => {
  async function startUploads(limits: Partial<UploadLimits>) {
    const folder = await mkdtemp(join(tmpdir(), 'colloquy-uploads-'));
    const store = createDiskStore({ folder });
    const bus = createMemoryBus();
    const viewer: Viewer = {
      userId: 'u',
      username: 'u',
      isAdmin: false,
      expiresAt: new Date(),
      credential: { type: 'session', sessionId: 's' },
      key: null,
    };
    const files = {
      maxUploadBytes: MEGABYTE,
      requirePlace: async () => {},
      receive: (source: Readable, signal: AbortSignal) => store.receive(source, { maxBytes: MEGABYTE, signal }),
      discard: store.discard,
      add: async () => ({ id: 'id', created: true }),
      describe: async () => ({ id: 'id' }),
      downloadUrl: () => '',
    };
    const handle = createUploadHandler({
      files: files as unknown as UploadsDependencies['files'],
      admission: { begin: async () => ({ viewer }) as never, count: async () => {}, connect: async () => {} },
      addressOf: () => null,
      receiveBody: createBodyReceiver({
        bus,
        now: () => new Date(),
        isLiving: async () => true,
        limits: { idleMs: 300, minBytesPerSecond: 1_000, perUser: 2, ...limits },
      }),
      corsOrigins: [],
      logError: (error) => errors.push(error),
    });
    const http = createServer((request, response) => void handle(createExchange(request, response, false)));
    http.listen(0);
    onTestFinished(async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      await rm(folder, { recursive: true, force: true });
    });
    return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, filesFolder: folder };
  }

  test('a slow upload that lives takes as long as it takes', async () => {
    const uploads = await startUploads({});
    const slow = async function* () {
      for (let index = 0; index < 8; index += 1) {
        yield Buffer.from('piece');
        await wait(100);
      }
    };
    expect((await postFile(uploads, Readable.toWeb(Readable.from(slow())) as never, {})).status).toBe(201);
  });

  test.each([
    ['falls silent', { idleMs: 300 }, 100_000],
    ['drips', { idleMs: 600, minBytesPerSecond: 4 * MEGABYTE }, 100],
  ])('one that %s is given up', async (_how, limits, pauseMs) => {
    const uploads = await startUploads(limits);
    const stopped = new AbortController();
    const source = async function* () {
      for (;;) {
        yield Buffer.from('piece');
        await wait(pauseMs, undefined, { signal: stopped.signal }).catch(() => {});
        if (stopped.signal.aborted) return;
      }
    };
    const answer = await postFile(uploads, Readable.toWeb(Readable.from(source())) as never, {});
    stopped.abort();
    expect([answer.status, codeOf(answer.body)]).toEqual([503, 'UNAVAILABLE']);
    expect((await settledBytes(uploads)).incoming).toEqual([]);
  });
});

test('nothing of all this was a fault of the server', () => {
  expect(errors).toEqual([]);
});

describe('a large file', () => {
  /** Text that is not the same twice, made as it is sent. */
  const stream = (megabytes: number) => {
    const piece = Buffer.alloc(65_536, someText(997));
    return Readable.toWeb(Readable.from(repeat(piece, megabytes * 16))) as never;
  };
  function* repeat(piece: Buffer, times: number) {
    for (let index = 0; index < times; index += 1) {
      piece.writeUInt32LE(index);
      yield Buffer.from(piece.toString('latin1').replaceAll('\0', '0'), 'ascii');
    }
  }

  test('is streamed to the disk and from it, and held in memory at no time; a larger one than allowed is refused', async () => {
    // So large that what the garbage collector leaves for a while is little beside it.
    const MOST = 150;
    const { url: database, drop } = await createPostgresDatabase();
    onTestFinished(drop);
    const running = await startServerProcess({
      DATABASE_URL: database,
      WORKER_ENABLED: 'false',
      MAX_UPLOAD_MB: String(MOST),
      // Memory is measured: what is compiled early has some, too.
      NODE_COMPILE_CACHE: '',
    });
    const registered = await fetch(running.graphqlUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        query: `mutation { register(input: { username: "ada", password: "${PASSWORD}" }) { accessToken } }`,
      }),
    });
    const { data } = (await registered.json()) as { data: { register: { accessToken: string } } };
    const token = data.register.accessToken;
    const megabytesOf = async (field: string) => {
      const status = await readFile(`/proc/${running.child.pid}/status`, 'utf8');
      return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1_024;
    };
    /** In both ways, and back. */
    const transfer = async (megabytes: number) => {
      const raw = await postFile(running, stream(megabytes), { token, name: `${megabytes}.txt` });
      expect([raw.status, raw.body.file?.size]).toEqual([201, megabytes * MEGABYTE]);
      const [, headers, begin] = PATHS[1];
      const multipart = async function* () {
        yield begin;
        yield* repeat(Buffer.alloc(65_536, someText(991)), megabytes * 16);
        yield '\r\n--x--\r\n';
      };
      const sent = await fetch(running.graphqlUrl, {
        method: 'POST',
        headers: { ...bearer(token), ...headers },
        body: Readable.toWeb(Readable.from(multipart(), { objectMode: false })) as never,
        duplex: 'half',
      } as RequestInit);
      const graph = await answerOf(sent);
      expect(graph.body.data?.uploadFile?.size).toBe(megabytes * MEGABYTE);
      const downloaded = await fetch(raw.body.file?.downloadUrl, { headers: bearer(token) });
      let size = 0;
      for await (const chunk of downloaded.body ?? []) size += chunk.length;
      expect(size).toBe(megabytes * MEGABYTE);
    };
    // What the first of them load and compile is no part of a file.
    await transfer(4);
    const before = await megabytesOf('VmHWM');
    await transfer(MOST);
    expect((await megabytesOf('VmHWM')) - before).toBeLessThan(MOST / 2);
    const tooLarge = await postFile(running, stream(MOST + 1), { token, name: 'larger.txt' });
    expect([tooLarge.status, codeOf(tooLarge.body)]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
    expect(await running.end('SIGTERM')).toBe(0);
  });
});
