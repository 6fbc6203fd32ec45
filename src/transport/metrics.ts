import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Metrics } from '../ports/metrics.ts';
import { createMetricsAccess } from './metrics-access.ts';

export type MetricsHandlerDependencies = {
  metrics: Pick<Metrics, 'exposition'>;
  /** Opens it to other machines. Undefined: nothing does. */
  token: string | undefined;
};

const REFUSALS = {
  401: 'Send the token of METRICS_TOKEN as a Bearer token.',
  403: 'The metrics are for this machine only, unless METRICS_TOKEN is set.',
};

/** GET /metrics: the figures of this server, as Prometheus reads them. */
export function createMetricsHandler({ metrics, token }: MetricsHandlerDependencies) {
  const access = createMetricsAccess(token);
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const isHead = request.method === 'HEAD';
    if (request.method !== 'GET' && !isHead) return void response.writeHead(405, { Allow: 'GET, HEAD' }).end();
    response.setHeader('Cache-Control', 'no-store');
    const answer = access(request);
    if (answer !== 200) {
      if (answer === 401) response.setHeader('WWW-Authenticate', 'Bearer');
      response.writeHead(answer, { 'Content-Type': 'text/plain; charset=utf-8' });
      return void response.end(isHead ? undefined : `${REFUSALS[answer]}\n`);
    }
    const { contentType, text } = await metrics.exposition();
    response.writeHead(200, { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(text) });
    response.end(isHead ? undefined : text);
  };
}
