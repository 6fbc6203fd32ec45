import { existsSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import sirv from 'sirv';

/** What the page may do: only this server's files, and connections to this server. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self' ws: wss:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** Serves the built page: its files, and its index for every path that is not a file's. Null when it is not built. */
export function createPageHandler(directory: string): RequestListener | null {
  if (!existsSync(directory)) return null;
  const serve = sirv(directory, {
    single: true,
    etag: true,
    // The build leaves both beside each file.
    brotli: true,
    gzip: true,
    setHeaders(response, pathname) {
      response.setHeader('Content-Security-Policy', CONTENT_SECURITY_POLICY);
      // Files in assets/ carry a hash of their content in their name.
      const immutable = pathname.startsWith('/assets/');
      response.setHeader('Cache-Control', immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  return (request, response) => serve(request, response);
}
