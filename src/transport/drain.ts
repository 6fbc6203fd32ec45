import type { IncomingMessage } from 'node:http';

/** More than the largest file of the default settings. */
const MAX_BYTES = 134_217_728;
const MAX_MS = 20_000;

/**
 * Reads what is left of a request and throws it away, so that its connection can be closed without a reset. A request
 * that goes on and on is cut off all the same.
 */
export function drain(request: IncomingMessage, milliseconds = MAX_MS): Promise<void> {
  if (request.readableEnded || request.destroyed || !hasBody(request)) return Promise.resolve();
  request.unpipe();
  return new Promise((resolve) => {
    let bytes = 0;
    const count = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) request.destroy();
    };
    const timer = setTimeout(() => request.destroy(), milliseconds);
    const finish = () => {
      clearTimeout(timer);
      request.off('data', count);
      request.off('end', finish);
      request.off('close', finish);
      resolve();
    };
    request.on('error', () => {});
    request.on('data', count);
    request.on('end', finish);
    request.on('close', finish);
    request.resume();
  });
}

export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
