import type { IncomingMessage } from 'node:http';

/**
 * Whether a page of this origin may open a socket: this server's own, or a configured one. Browsers do not ask before
 * they open one as they do for other requests. Programs send no origin, and are held to their credentials alone.
 */
export function createOriginCheck(allowed: string[]): (request: IncomingMessage) => boolean {
  const others = new Set(allowed.map((origin) => origin.replace(/\/+$/, '')));
  return ({ headers }) => {
    const { origin } = headers;
    if (!origin || others.has(origin) || others.has('*')) return true;
    try {
      return new URL(origin).host === headers.host;
    } catch {
      return false;
    }
  };
}
