import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Metrics } from '../ports/metrics.ts';
import { pathOf } from './exchange.ts';

export type MeasureRequest = (request: IncomingMessage, response: ServerResponse) => void;

const LABELS = ['method', 'path', 'status'] as const;
const DURATIONS_MS = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000];
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const PATHS = new Set(['/', '/graphql', '/files', '/health', '/ready', '/metrics', '/export', '/import']);
/** The client has left before it was answered, as other servers write it. */
const CLIENT_GONE = '499';

/** Counts requests once they are over. Their paths are those of the server's routes, so that nobody can make up labels. */
export function createRequestMetrics(metrics: Metrics): MeasureRequest {
  const requests = metrics.counter({
    name: 'http_requests_total',
    help: 'HTTP requests that have been answered. Event streams count when they end.',
    labels: LABELS,
  });
  const durations = metrics.histogram({
    name: 'http_request_duration_ms',
    help: 'From the head of a request to the end of its answer. Event streams, which last as long as they are watched, are left out.',
    labels: LABELS,
    buckets: DURATIONS_MS,
  });
  return (request, response) => {
    const began = performance.now();
    response.once('close', () => {
      const labels = {
        method: METHODS.has(request.method ?? '') ? String(request.method) : 'other',
        path: routeOf(pathOf(request)),
        status: response.headersSent ? String(response.statusCode) : CLIENT_GONE,
      };
      requests.add(labels);
      if (!isEventStream(response)) durations.observe(labels, performance.now() - began);
    });
  };
}

export function routeOf(path: string): string {
  if (PATHS.has(path)) return path;
  if (path.startsWith('/files/')) return '/files/:id';
  return path.startsWith('/assets/') ? '/assets/:name' : 'other';
}

function isEventStream(response: ServerResponse): boolean {
  return String(response.getHeader('content-type') ?? '').startsWith('text/event-stream');
}
