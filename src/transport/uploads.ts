import { AppError, badInput } from '../errors.ts';
import type { Context } from '../graphql/context.ts';
import { decodeOptionalId, encodeId } from '../graphql/ids.ts';
import { unauthorized } from '../graphql/require-viewer.ts';
import type { StoredUpload } from '../ports/file-store.ts';
import type { Viewer } from '../services/accounts/viewer.ts';
import type { Files } from '../services/files/files.ts';
import type { ClientAddress } from './client-address.ts';
import { answerPreflight, setCorsHeaders } from './cors.ts';
import { credentialOf } from './credentials.ts';
import { answerError, answerJson } from './error-answer.ts';
import { contentType, type Exchange } from './exchange.ts';
import type { ContextFactory } from './request-context.ts';
import type { BodyReceiver } from './uploads-body.ts';
import { readForm } from './uploads-form.ts';

export type UploadsDependencies = {
  files: Files;
  createContext: ContextFactory;
  addressOf: ClientAddress;
  receiveBody: BodyReceiver;
  corsOrigins: string[];
  logError: (error: unknown) => void;
};

/** What a form has around its file. */
const FORM_BYTES = 65_536;
const MAX_FIELD_BYTES = 4_096;

type Received = { stored: StoredUpload; name: string | null; collectionId: string | null };

/**
 * POST /files?name=…&collectionId=…: the bytes of a file are the body, or the one file of a form. Answers { file } with
 * 201, or with 200 where the same bytes were there already, and failures as the graph does.
 */
export function createUploadHandler(deps: UploadsDependencies) {
  const { files } = deps;

  async function receive(exchange: Exchange, viewer: Viewer): Promise<Received> {
    const { request } = exchange;
    const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
    const name = query.get('name');
    const collectionId = collectionOf(query.get('collectionId'));
    await files.requirePlace(viewer, collectionId);
    if (contentType(request) === 'multipart/form-data') {
      return deps.receiveBody(exchange, viewer, files.maxUploadBytes + FORM_BYTES, (signal) =>
        receiveForm(exchange, { name, collectionId }, signal),
      );
    }
    const stored = await deps.receiveBody(exchange, viewer, files.maxUploadBytes, (signal) =>
      files.receive(request, signal),
    );
    return { stored, name, collectionId };
  }

  async function receiveForm({ request }: Exchange, given: Omit<Received, 'stored'>, signal: AbortSignal) {
    const fields = { ...given };
    const [file] = await readForm(request, {
      maxFiles: 1,
      maxFields: 4,
      maxFieldBytes: MAX_FIELD_BYTES,
      onField: (field, value) => {
        if (field === 'name') fields.name = value;
        if (field === 'collectionId') fields.collectionId = collectionOf(value);
      },
      onFile: () => {},
      receive: files.receive,
      discard: files.discard,
      signal,
    });
    if (!file) throw badInput({ file: 'The form holds no file.' });
    return { ...fields, name: fields.name || file.name, stored: file.stored };
  }

  async function handle(exchange: Exchange): Promise<void> {
    const { request, response } = exchange;
    const context: Context = await deps.createContext(credentialOf(request), undefined, deps.addressOf(request));
    if (!context.viewer) throw unauthorized(context);
    const { stored, ...target } = await receive(exchange, context.viewer);
    const { id, created } = await files.add(context.viewer, stored, target);
    response.setHeader('Location', `/files/${id}`);
    await answerJson(exchange, created ? 201 : 200, { file: await describe(files, id) });
  }

  return async (exchange: Exchange): Promise<void> => {
    const { request, response } = exchange;
    if (request.method === 'OPTIONS') return answerPreflight(request, response, deps.corsOrigins, 'POST, OPTIONS');
    setCorsHeaders(request, response, deps.corsOrigins);
    try {
      await handle(exchange);
    } catch (error) {
      await answerError(exchange, withoutInput(error), deps.logError);
    }
  };
}

/** Here nothing is inside of an input object. */
function withoutInput(error: unknown): unknown {
  if (!(error instanceof AppError) || !error.fields) return error;
  const fields = Object.entries(error.fields).map(([path, fault]) => [path.replace(/^input\./, ''), fault]);
  return badInput(Object.fromEntries(fields), error.message);
}

function collectionOf(globalId: string | null): string | null {
  return decodeOptionalId('Collection', globalId || null, 'collectionId');
}

/** A file as the SDK's documents ask for it. */
async function describe(files: Files, id: string): Promise<object> {
  const { collection, ...file } = await files.describe(id);
  return {
    id: encodeId('File', file.id),
    name: file.name,
    mimeType: file.mimeType,
    size: file.size,
    sha256: file.sha256,
    status: file.status,
    progress: file.progress,
    error: file.error,
    attempts: file.attempts,
    chunkCount: file.chunkCount,
    pageCount: file.pageCount,
    textLength: file.textLength,
    embeddingModel: file.embeddingModel,
    collection: collection && { id: encodeId('Collection', collection.id), name: collection.name },
    downloadUrl: files.downloadUrl(id),
    createdAt: file.createdAt,
    processedAt: file.processedAt,
  };
}
