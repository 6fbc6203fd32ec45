import type { IncomingMessage, ServerResponse } from 'node:http';

const REQUEST_HEADERS = 'Authorization, Content-Type, If-None-Match, If-Range, Range, X-API-Key';
const RESPONSE_HEADERS =
  'Accept-Ranges, Content-Disposition, Content-Length, Content-Range, ETag, Location, Retry-After';
const PREFLIGHT_SECONDS = 600;

/** Whether pages of this origin may use the server. Tokens travel in headers, never in cookies. */
export function isCorsOrigin(allowed: string[], origin: string | null | undefined): origin is string {
  return typeof origin === 'string' && (allowed.includes(origin) || allowed.includes('*'));
}

/** Tells a configured origin that it may, and any other nothing. */
export function setCorsHeaders(request: IncomingMessage, response: ServerResponse, allowed: string[]): void {
  if (allowed.length > 0) response.appendHeader('Vary', 'Origin');
  const { origin } = request.headers;
  if (!isCorsOrigin(allowed, origin)) return;
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Access-Control-Expose-Headers', RESPONSE_HEADERS);
}

/** Answers what a browser asks before it sends a request of another origin. */
export function answerPreflight(
  request: IncomingMessage,
  response: ServerResponse,
  allowed: string[],
  methods: string,
): void {
  setCorsHeaders(request, response, allowed);
  const granted = isCorsOrigin(allowed, request.headers.origin) && {
    'Access-Control-Allow-Methods': methods,
    'Access-Control-Allow-Headers': REQUEST_HEADERS,
    'Access-Control-Max-Age': PREFLIGHT_SECONDS,
  };
  response.writeHead(204, { Allow: methods, ...granted }).end();
}
