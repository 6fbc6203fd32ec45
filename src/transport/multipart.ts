import { type AppError, badInput } from '../errors.ts';
import type { Context } from '../graphql/context.ts';
import { unauthorized } from '../graphql/require-viewer.ts';
import { Upload } from '../graphql/upload.ts';
import type { Viewer } from '../services/accounts/viewer.ts';
import type { Files } from '../services/files/files.ts';
import type { ClientAddress } from './client-address.ts';
import { setCorsHeaders } from './cors.ts';
import { credentialOf } from './credentials.ts';
import { answerError } from './error-answer.ts';
import type { Exchange } from './exchange.ts';
import type { ContextFactory } from './request-context.ts';
import type { BodyReceiver } from './uploads-body.ts';
import { readForm } from './uploads-form.ts';

/** What a GraphQL request consists of. */
export type Operations = { query: string } & Record<string, unknown>;

export type MultipartDependencies = {
  files: Files;
  createContext: ContextFactory;
  addressOf: ClientAddress;
  receiveBody: BodyReceiver;
  /** Executes an operation for the viewer of the context, and answers. */
  execute: (exchange: Exchange, operations: Operations, context: Context) => Promise<void>;
  corsOrigins: string[];
  logError: (error: unknown) => void;
};

const MAX_FILES = 10;
/** As much as a request may have that is JSON alone. */
const MAX_FIELD_BYTES = 1_048_576;
const MAX_FIELDS = 4;

/**
 * GraphQL multipart requests: `operations`, then `map`, then the files, which are on the disk before the operation is
 * executed. Only for who has signed in, which is looked at before anything is received.
 */
export function createMultipartHandler(deps: MultipartDependencies) {
  const { files } = deps;

  function receive(exchange: Exchange, viewer: Viewer, uploads: Upload[]): Promise<Operations> {
    const maxBytes = MAX_FILES * files.maxUploadBytes + MAX_FIELDS * MAX_FIELD_BYTES;
    return deps.receiveBody(exchange, viewer, maxBytes, async (signal) => {
      const form = createFormState();
      const received = await readForm(exchange.request, {
        maxFiles: MAX_FILES,
        maxFields: MAX_FIELDS,
        maxFieldBytes: MAX_FIELD_BYTES,
        onField: form.field,
        onFile: form.file,
        receive: files.receive,
        discard: files.discard,
        signal,
      });
      const made = received.map(({ field, name, stored }) => ({ field, upload: new Upload(name, stored) }));
      uploads.push(...made.map(({ upload }) => upload));
      return form.fill(made);
    });
  }

  /** What no resolver has come for. */
  async function discardAll(uploads: Upload[]): Promise<void> {
    for (const upload of uploads) {
      const left = upload.leave();
      if (left) await files.discard(left).catch(deps.logError);
    }
  }

  return async (exchange: Exchange): Promise<void> => {
    const { request, response } = exchange;
    const uploads: Upload[] = [];
    try {
      const context = await deps.createContext(credentialOf(request), undefined, deps.addressOf(request));
      if (!context.viewer) throw unauthorized(context);
      const operations = await receive(exchange, context.viewer, uploads);
      await deps.execute(exchange, operations, context);
      await discardAll(uploads);
    } catch (error) {
      await discardAll(uploads);
      setCorsHeaders(request, response, deps.corsOrigins);
      await answerError(exchange, error, deps.logError);
    }
  };
}

type Place = { parent: Record<string, unknown>; key: string };

/** The operation of a form, and the places in it that its files are for. */
function createFormState() {
  let operations: Operations | undefined;
  let places: Map<string, Place> | undefined;
  return {
    field(name: string, value: string): void {
      if (name === 'operations') {
        if (operations) throw invalid('operations', 'It may be there once.');
        operations = readOperations(value);
      } else if (name === 'map') {
        if (places) throw invalid('map', 'It may be there once.');
        if (!operations) throw invalid('map', 'It comes after `operations`.');
        places = readMap(value, operations);
      }
    },
    file(name: string): void {
      if (!places) throw invalid('map', 'The files come after `operations` and `map`.');
      if (!places.has(name)) throw invalid('map', `It says nothing of the file "${name.slice(0, 50)}".`);
    },
    fill(files: { field: string; upload: Upload }[]): Operations {
      if (!operations) throw invalid('operations', 'It is missing.');
      if (!places) throw invalid('map', 'It is missing.');
      for (const { field, upload } of files) {
        const place = places.get(field);
        if (!place) throw invalid('map', `The file "${field.slice(0, 50)}" was sent twice.`);
        places.delete(field);
        place.parent[place.key] = upload;
      }
      const [missing] = places.keys();
      if (missing !== undefined) throw invalid('map', `The file "${missing.slice(0, 50)}" was not sent.`);
      return operations;
    },
  };
}

function readOperations(json: string): Operations {
  const value = parseJson('operations', json);
  if (Array.isArray(value)) throw invalid('operations', 'One operation can be sent at a time.');
  if (!isObject(value) || typeof value.query !== 'string') {
    throw invalid('operations', 'It has to be an object with `query` and `variables`.');
  }
  return value as Operations;
}

function readMap(json: string, operations: Operations): Map<string, Place> {
  const value = parseJson('map', json);
  if (!isObject(value) || Array.isArray(value)) throw invalid('map', 'It has to be an object.');
  const entries = Object.entries(value);
  if (entries.length > MAX_FILES) throw invalid('map', `At most ${MAX_FILES} files can be sent at a time.`);
  const places = new Map<string, Place>();
  for (const [name, paths] of entries) {
    const [path, ...others] = Array.isArray(paths) ? paths : [];
    if (typeof path !== 'string' || others.length > 0) {
      throw invalid('map', 'Every file is for one place: { "0": ["variables.input.file"] }.');
    }
    places.set(name, findPlace(operations, path));
  }
  return places;
}

/** Only a place that the client itself has left open, by a null, in its variables. */
function findPlace(operations: Operations, path: string): Place {
  const keys = path.split('.');
  const key = keys.pop() ?? '';
  let parent: unknown = operations;
  for (const step of keys) parent = isObject(parent) && Object.hasOwn(parent, step) ? parent[step] : undefined;
  if (keys[0] !== 'variables' || !isObject(parent) || !Object.hasOwn(parent, key) || parent[key] !== null) {
    throw invalid('map', `There is no null at "${path.slice(0, 100)}" of the operation.`);
  }
  return { parent, key };
}

function parseJson(field: string, json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw invalid(field, 'It is not JSON.');
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function invalid(field: 'operations' | 'map' | string, reason: string): AppError {
  return badInput({ [field]: reason }, `The multipart request is not valid: \`${field}\`. ${reason}`);
}
