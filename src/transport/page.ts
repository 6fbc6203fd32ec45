import { existsSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import sirv from 'sirv';

/**
 * What the page may do: read this server's files, talk to this server (a socket of the same host is "self" as well), and
 * nothing else. Should hostile text ever become markup, it could run nothing and would have nobody to tell.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  // No text can be made markup or code, whoever tries, but for names of characters: frontend/src/markdown/decode-entity.ts.
  "require-trusted-types-for 'script'",
  'trusted-types colloquy-entities',
].join('; ');

/** What a browser offers and the page never asks for. */
const PERMISSIONS_POLICY = [
  'camera',
  'display-capture',
  'geolocation',
  'hid',
  'microphone',
  'midi',
  'payment',
  'serial',
  'usb',
]
  .map((feature) => `${feature}=()`)
  .join(', ');

const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'Permissions-Policy': PERMISSIONS_POLICY,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  // The name of a link's host is else looked up before anybody follows it, and could carry words away.
  'X-DNS-Prefetch-Control': 'off',
};

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
      for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
      // Files in assets/ carry a hash of their content in their name.
      const immutable = pathname.startsWith('/assets/');
      response.setHeader('Cache-Control', immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  return (request, response) => serve(request, response);
}
