import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export type RecordedRequest = {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  /** The JSON of the body, or its text. */
  body: unknown;
  /** The answer was sent whole. */
  finished: boolean;
  /** The client closed before the answer was whole. */
  aborted: boolean;
  closed: boolean;
  /** Resolves when the answer is whole or the connection is gone. */
  whenClosed: Promise<RecordedRequest>;
};

export type ScriptedServer = {
  port: number;
  origin: string;
  /** The newest, at most `KEPT_REQUESTS`. */
  requests: RecordedRequest[];
  /** Resolves as soon as so many requests have come since the start. */
  whenRequests(count: number): Promise<RecordedRequest[]>;
  /** Connections that are open now. */
  connections(): number;
  /** Resolves when no connection is open. */
  whenDisconnected(): Promise<void>;
  close(): Promise<void>;
};

const KEPT_REQUESTS = 10_000;

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** As long as the plan says, which the test may change meanwhile. */
export async function pauseAsPlanned(plan: { pauseMs?: number }, response: ServerResponse): Promise<void> {
  const begun = performance.now();
  for (;;) {
    const left = (plan.pauseMs ?? 0) - (performance.now() - begun);
    if (left <= 0 || response.destroyed) return;
    await delay(Math.min(left, 50));
  }
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: string | object,
  headers: Record<string, string> = {},
): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
}

/** An HTTP server that records what it is asked and leaves the answers to `answer`. */
export async function startScriptedServer(
  options: { port?: number | undefined; host?: string | undefined },
  answer: (request: RecordedRequest, response: ServerResponse) => void | Promise<void>,
): Promise<ScriptedServer> {
  const requests: RecordedRequest[] = [];
  const sockets = new Set<Socket>();
  const waiters = new Set<() => void>();
  let received = 0;
  const wake = () => {
    for (const waiter of [...waiters]) waiter();
  };
  const until = (condition: () => boolean) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (!condition()) return;
        waiters.delete(check);
        resolve();
      };
      waiters.add(check);
      check();
    });

  const server = createServer(async (request, response) => {
    request.socket.setNoDelay(true);
    let body: unknown;
    try {
      body = await readBody(request);
    } catch {
      return;
    }
    const closed = Promise.withResolvers<RecordedRequest>();
    const record: RecordedRequest = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body,
      finished: false,
      aborted: false,
      closed: response.closed,
      whenClosed: closed.promise,
    };
    response.once('close', () => {
      record.finished = response.writableFinished;
      record.aborted = !record.finished;
      record.closed = true;
      closed.resolve(record);
    });
    response.on('error', () => {});
    requests.push(record);
    if (requests.length > KEPT_REQUESTS) requests.shift();
    received++;
    wake();
    await answer(record, response);
  });
  server.keepAliveTimeout = 60_000;
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => {
      sockets.delete(socket);
      wake();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1', 4096, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    requests,
    async whenRequests(count) {
      await until(() => received >= count);
      return requests;
    },
    connections: () => sockets.size,
    whenDisconnected: () => until(() => sockets.size === 0),
    async close() {
      const done = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await done;
    },
  };
}
