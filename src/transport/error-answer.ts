import type { ErrorCode } from '../errors.ts';
import { presentError } from '../graphql/errors.ts';
import { drain } from './drain.ts';
import type { Exchange } from './exchange.ts';

/** QUOTA_EXCEEDED is 413 as well: the server takes less than this, from this user at least. */
const STATUS: Record<ErrorCode, number> = {
  BAD_USER_INPUT: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  BLOCKED: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  PAYLOAD_TOO_LARGE: 413,
  QUOTA_EXCEEDED: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  RATE_LIMITED: 429,
  INTERNAL: 500,
  PROVIDER_UNAVAILABLE: 502,
  UNAVAILABLE: 503,
};

/** A client that waits with its body may send it all the same. */
const UNASKED_MS = 1_000;

/** Says what went wrong in the form of the graph: { errors: [{ message, extensions: { code } }] }. */
export async function answerError(exchange: Exchange, error: unknown, logError: (error: unknown) => void) {
  const { response } = exchange;
  // Whoever has left is told nothing, and that is no fault of the server.
  if (response.headersSent || isGone(exchange)) return void response.destroy();
  const { message, extensions } = presentError(error, logError);
  const { code, retryAfterSeconds } = extensions as { code: ErrorCode; retryAfterSeconds?: number };
  const status = STATUS[code];
  if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
  if (retryAfterSeconds !== undefined) response.setHeader('Retry-After', retryAfterSeconds);
  await answerJson(exchange, status, { errors: [{ message, extensions }] });
}

/**
 * The client may still be sending. What comes is read and thrown away for a while: over a connection that is closed with
 * bytes unread it might never see the answer.
 */
export async function answerJson(exchange: Exchange, status: number, body: object): Promise<void> {
  const { request, response } = exchange;
  const json = Buffer.from(JSON.stringify(body));
  if (exchange.isWaiting()) response.setHeader('Connection', 'close');
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': json.length,
    'Cache-Control': 'no-store',
  });
  if (request.method !== 'HEAD') response.write(json);
  await drain(request, exchange.isWaiting() ? UNASKED_MS : undefined);
  response.end();
}

function isGone({ request, response }: Exchange): boolean {
  return response.destroyed || request.socket.destroyed || (request.destroyed && !request.complete);
}
