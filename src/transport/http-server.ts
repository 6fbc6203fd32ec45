import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Health } from '../services/health/health.ts';
import { refuseKeyInAddress } from './credentials.ts';
import { hasBody } from './drain.ts';
import { answerError } from './error-answer.ts';
import { contentType, createExchange, type Exchange, pathOf } from './exchange.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';
import type { createSocketServer } from './ws.ts';

type Handler = (exchange: Exchange) => Promise<void>;

export type HttpServerDependencies = {
  host: string;
  port: number;
  health: Health;
  graphql: Handler;
  /** Each takes its own requests, from the credentials to the answer. */
  multipart: Handler;
  uploads: Handler;
  downloads: Handler;
  exports: Handler;
  imports: Handler;
  page: RequestListener | null;
  sockets: ReturnType<typeof createSocketServer>;
  logError: (error: unknown) => void;
};

/** How long the body of a request may take. */
const BODY_MS = 300_000;
/** How long requests that are being answered have, once the server closes. */
const CLOSE_GRACE_MS = 2_000;

/** The one port: the page, the graph, its sockets and the checks. */
export function createHttpServer(deps: HttpServerDependencies) {
  const answer = (expectsContinue: boolean): RequestListener => {
    return (request, response) => {
      route(deps, createExchange(request, response, expectsContinue)).catch((error: unknown) => {
        deps.logError(error);
        if (response.headersSent) response.destroy();
        else sendText(response, 500, 'Something went wrong on the server.');
      });
    };
  };
  const server = createServer(answer(false));
  // Without it every client that asks whether to send its body would be told yes, also where it is not wanted.
  server.on('checkContinue', answer(true));
  server.headersTimeout = 20_000;
  // Of all but uploads, which have limits of their own; Node knows one for all of them.
  server.requestTimeout = 0;

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

async function route(deps: HttpServerDependencies, exchange: Exchange): Promise<void> {
  const { request, response } = exchange;
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Referrer-Policy', 'no-referrer');
  // The page says more than this.
  response.setHeader('Content-Security-Policy', "frame-ancestors 'none'");
  try {
    refuseKeyInAddress(request);
  } catch (error) {
    return answerError(exchange, error, deps.logError);
  }
  const path = pathOf(request);
  const { method } = request;
  if (path === '/graphql' && method === 'POST' && contentType(request) === 'multipart/form-data') {
    return deps.multipart(exchange);
  }
  if (path === '/files' && (method === 'POST' || method === 'OPTIONS')) return deps.uploads(exchange);
  if (path.startsWith('/files/')) return deps.downloads(exchange);
  if (path === '/export') return deps.exports(exchange);
  if (path === '/import') return deps.imports(exchange);
  exchange.proceed();
  limitBody(request, response);
  if (path === '/graphql') return deps.graphql(exchange);
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

/** Ends a connection over which a body does not come to its end. */
function limitBody(request: IncomingMessage, response: ServerResponse): void {
  if (!hasBody(request)) return;
  const timer = setTimeout(() => {
    if (!request.complete) request.destroy();
  }, BODY_MS);
  response.once('close', () => clearTimeout(timer));
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify(body));
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
}
