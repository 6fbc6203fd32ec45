import { pipeline } from 'node:stream/promises';
import { notFound } from '../errors.ts';
import { unauthorized } from '../graphql/require-viewer.ts';
import type { ByteRange } from '../ports/file-store.ts';
import type { Files } from '../services/files/files.ts';
import { isUuid } from '../util/ids.ts';
import { type AccessDependencies, whileAllowed } from './access.ts';
import type { OperationAdmission } from './admission.ts';
import type { ClientAddress } from './client-address.ts';
import { contentDisposition } from './content-disposition.ts';
import { answerPreflight, setCorsHeaders } from './cors.ts';
import { credentialOf } from './credentials.ts';
import { parseRange } from './downloads-range.ts';
import { answerError } from './error-answer.ts';
import { type Exchange, pathOf } from './exchange.ts';

export type DownloadsDependencies = AccessDependencies & {
  files: Files;
  admission: OperationAdmission;
  addressOf: ClientAddress;
  corsOrigins: string[];
  logError: (error: unknown) => void;
};

/** How long a reader may take nothing. */
const IDLE_MS = 120_000;
const METHODS = 'GET, HEAD, OPTIONS';

/** GET /files/<uuid>: the bytes of a file, for whoever may have them, as a download and never as a page. */
export function createDownloadHandler(deps: DownloadsDependencies) {
  const { files } = deps;

  async function handle({ request, response }: Exchange): Promise<void> {
    const context = await deps.admission.begin(credentialOf(request), deps.addressOf(request));
    const { viewer } = context;
    if (!viewer) throw unauthorized(context);
    const id = pathOf(request).slice('/files/'.length).toLowerCase();
    const file = isUuid(id) ? await files.downloadable(viewer, id) : null;
    if (!file) throw notFound('file');

    const etag = `"${file.sha256}"`;
    response.setHeader('ETag', etag);
    response.setHeader('Accept-Ranges', 'bytes');
    response.setHeader('Cache-Control', 'private, no-store');
    // What somebody has uploaded runs no script here, whatever it is and however it comes to be shown.
    response.setHeader('Content-Security-Policy', "default-src 'none'; sandbox; frame-ancestors 'none'");
    response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
    response.setHeader('Content-Disposition', contentDisposition(file.name));
    if (isListed(request.headers['if-none-match'], etag)) return void response.writeHead(304).end();

    const ifRange = request.headers['if-range'];
    const asked = ifRange === undefined || ifRange === etag ? request.headers.range : undefined;
    const range = request.method === 'GET' ? parseRange(asked, file.size) : null;
    if (range === 'unsatisfiable') {
      return void response.writeHead(416, { 'Content-Range': `bytes */${file.size}` }).end();
    }
    const part: ByteRange = range ?? { start: 0, end: file.size };
    const bytes = await files.openBytes(id, part);
    if (!bytes) throw notFound('file');
    response.writeHead(range ? 206 : 200, {
      'Content-Type': file.mimeType,
      'Content-Length': part.end - part.start,
      ...(range && { 'Content-Range': `bytes ${part.start}-${part.end - 1}/${file.size}` }),
    });
    if (request.method === 'HEAD') {
      bytes.stream.destroy();
      return void response.end();
    }
    response.setTimeout(IDLE_MS, () => response.destroy());
    // A reader that leaves is no fault.
    await whileAllowed(deps, viewer, response, () =>
      pipeline(bytes.stream, response).catch((error: unknown) => {
        if (!response.destroyed) throw error;
      }),
    );
  }

  return async (exchange: Exchange): Promise<void> => {
    const { request, response } = exchange;
    exchange.proceed();
    if (request.method === 'OPTIONS') return answerPreflight(request, response, deps.corsOrigins, METHODS);
    setCorsHeaders(request, response, deps.corsOrigins);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return void response.writeHead(405, { Allow: METHODS }).end();
    }
    try {
      await handle(exchange);
    } catch (error) {
      for (const name of ['ETag', 'Accept-Ranges', 'Content-Disposition']) {
        if (!response.headersSent) response.removeHeader(name);
      }
      await answerError(exchange, error, deps.logError);
    }
  };
}

function isListed(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  const tags = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes(etag) || tags.includes('*');
}
