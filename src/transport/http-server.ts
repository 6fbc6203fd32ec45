import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Health } from '../services/health/health.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';
import type { createSocketServer } from './ws.ts';

export type HttpServerDependencies = {
  host: string;
  port: number;
  health: Health;
  graphql: RequestListener;
  page: RequestListener | null;
  sockets: ReturnType<typeof createSocketServer>;
  logError: (error: unknown) => void;
};

/** How long requests that are being answered have, once the server closes. */
const CLOSE_GRACE_MS = 2_000;

/** The one port: the page, the graph, its sockets and the checks. */
export function createHttpServer(deps: HttpServerDependencies) {
  const server = createServer((request, response) => {
    route(deps, request, response).catch((error: unknown) => {
      deps.logError(error);
      if (response.headersSent) response.destroy();
      else sendText(response, 500, 'Something went wrong on the server.');
    });
  });
  server.headersTimeout = 20_000;
  server.requestTimeout = 300_000;

  server.on('upgrade', (request, connection, head) => {
    connection.on('error', () => connection.destroy());
    if (pathOf(request) === '/graphql') deps.sockets.upgrade(request, connection, head);
    else refuseUpgrade(connection, '404 Not Found');
  });

  return {
    /** Listens. Returns the port. Throws when the address cannot be had. */
    async listen(): Promise<number> {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(deps.port, deps.host, () => {
          server.off('error', reject);
          resolve();
        });
      });
      return (server.address() as AddressInfo).port;
    },
    async dispose(): Promise<void> {
      await deps.sockets.dispose();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}

async function route(deps: HttpServerDependencies, request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Referrer-Policy', 'no-referrer');
  // The page says more than this.
  response.setHeader('Content-Security-Policy', "frame-ancestors 'none'");
  const path = pathOf(request);
  if (path === '/graphql') return void deps.graphql(request, response);
  if (path === '/health') {
    const report = await deps.health.report();
    return sendJson(response, report.status === 'DOWN' ? 503 : 200, report);
  }
  if (path === '/ready') {
    const ready = await deps.health.ready();
    return sendJson(response, ready ? 200 : 503, { ready });
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') return sendText(response, 404, 'Not found.');
  if (deps.page) return void deps.page(request, response);
  sendText(response, 404, 'The page is not built: run `npm run build -w frontend`. The graph is at /graphql.');
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] ?? '/';
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify(body));
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
}
