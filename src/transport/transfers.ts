import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { presentError } from '../graphql/errors.ts';
import { unauthorized } from '../graphql/require-viewer.ts';
import type { Viewer } from '../services/accounts/viewer.ts';
import type { Transfer } from '../services/transfer/transfer.ts';
import { type AccessDependencies, whileAllowed } from './access.ts';
import type { OperationAdmission } from './admission.ts';
import type { ClientAddress } from './client-address.ts';
import { contentDisposition } from './content-disposition.ts';
import { answerPreflight, setCorsHeaders } from './cors.ts';
import { credentialOf } from './credentials.ts';
import { answerError, answerJson } from './error-answer.ts';
import type { Exchange } from './exchange.ts';
import type { BodyReceiver } from './uploads-body.ts';

export type TransfersDependencies = AccessDependencies & {
  transfer: Transfer;
  admission: OperationAdmission;
  addressOf: ClientAddress;
  receiveBody: BodyReceiver;
  corsOrigins: string[];
  logError: (error: unknown) => void;
};

/** How long a reader may take nothing. */
const IDLE_MS = 120_000;
/** Proxies give up what is silent for a minute. */
const SIGN_OF_LIFE_MS = 15_000;

/** GET /export: the viewer's conversations as one JSON document, which comes as it is read. */
export function createExportHandler(deps: TransfersDependencies) {
  return handler(deps, 'GET', async (exchange, viewer) => {
    const { response } = exchange;
    exchange.proceed();
    await deps.transfer.exportAll(viewer.userId, async (pieces) => {
      response.writeHead(200, {
        'Content-Type': 'application/json; charset=utf-8',
        'Content-Disposition': contentDisposition(`colloquy-${deps.now().toISOString().slice(0, 10)}.json`),
        'Cache-Control': 'private, no-store',
      });
      response.setTimeout(IDLE_MS, () => response.destroy());
      // A reader that leaves is no fault. One that stays sees by the end that is missing that there was one.
      await whileAllowed(deps, viewer, response, () =>
        pipeline(Readable.from(pieces), response).catch((error: unknown) => {
          if (!isGone(error)) throw error;
        }),
      );
    });
  });
}

/**
 * POST /import: the body is a file of conversations. Answers { imported, skipped, failedCount, failed }. While it is at
 * work it sends spaces, so that nobody in between takes it for dead; what goes wrong after the first stands as { errors }
 * in an answer whose status is 200. Whoever leaves ends it.
 */
export function createImportHandler(deps: TransfersDependencies) {
  const { transfer } = deps;
  return handler(deps, 'POST', async (exchange, viewer) => {
    const { request, response } = exchange;
    const stored = await deps.receiveBody(exchange, viewer, transfer.maxImportBytes, (signal) =>
      transfer.receive(request, signal),
    );
    const left = new AbortController();
    const onClose = () => left.abort();
    response.once('close', onClose);
    if (response.destroyed) onClose();
    const timer = setInterval(() => {
      if (!response.headersSent) response.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8' });
      response.write(' ');
    }, SIGN_OF_LIFE_MS);
    try {
      await whileAllowed(deps, viewer, response, async () => {
        const result = await transfer.importFile(viewer.userId, stored, left.signal);
        if (response.headersSent) response.end(JSON.stringify(result));
        else await answerJson(exchange, 200, result);
      });
    } catch (error) {
      if (left.signal.aborted) return;
      if (!response.headersSent) throw error;
      const { message, extensions } = presentError(error, deps.logError);
      response.end(JSON.stringify({ errors: [{ message, extensions }] }));
    } finally {
      clearInterval(timer);
      response.off('close', onClose);
    }
  });
}

function handler(
  deps: TransfersDependencies,
  method: 'GET' | 'POST',
  handle: (exchange: Exchange, viewer: Viewer) => Promise<void>,
) {
  const methods = `${method}, OPTIONS`;
  return async (exchange: Exchange): Promise<void> => {
    const { request, response } = exchange;
    if (request.method === 'OPTIONS') return answerPreflight(request, response, deps.corsOrigins, methods);
    setCorsHeaders(request, response, deps.corsOrigins);
    if (request.method !== method) return void response.writeHead(405, { Allow: methods }).end();
    try {
      const context = await deps.admission.begin(credentialOf(request), deps.addressOf(request));
      // What a key has said belongs to the program that it was made for, which reads it through the graph.
      if (!context.viewer || context.viewer.key) throw unauthorized(context);
      await handle(exchange, context.viewer);
    } catch (error) {
      if (response.headersSent) deps.logError(error);
      await answerError(exchange, error, deps.logError);
    }
  };
}

function isGone(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE';
}
