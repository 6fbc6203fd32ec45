import type { IncomingMessage } from 'node:http';
import { finished, type Readable } from 'node:stream';
import busboy from 'busboy';
import { AppError, badInput } from '../errors.ts';
import type { StoredUpload } from '../ports/file-store.ts';

export type FormFile = { field: string; name: string; stored: StoredUpload };

export type FormOptions = {
  maxFiles: number;
  maxFields: number;
  /** Bytes of a field. */
  maxFieldBytes: number;
  /** Fields and files are told in the order in which they come. What these throw ends the reading. */
  onField(name: string, value: string): void;
  onFile(field: string): void;
  receive(source: Readable, signal: AbortSignal): Promise<StoredUpload>;
  discard(upload: StoredUpload): Promise<void>;
  signal: AbortSignal;
};

/** Reads a form, and its files to disk as they come. On a failure nothing is left of them. */
export async function readForm(request: IncomingMessage, options: FormOptions): Promise<FormFile[]> {
  const parser = createParser(request, options);
  const broken = new AbortController();
  const signal = AbortSignal.any([options.signal, broken.signal]);
  const fail = (error: unknown) => broken.abort(error);
  const receiving: Promise<FormFile>[] = [];

  parser.on('field', (name, value, { valueTruncated, nameTruncated }) => {
    if (valueTruncated || nameTruncated) return fail(fieldTooLarge(name, options.maxFieldBytes));
    attempt(() => options.onField(name, value), fail);
  });
  parser.on('file', (field, stream, { filename }) => {
    // Its reader is told in another way too; without a listener an error would be thrown.
    stream.on('error', () => {});
    if (!attempt(() => options.onFile(field), fail)) return void stream.resume();
    const received = options
      .receive(stream, signal)
      .then((stored) => ({ field, name: filename ?? '', stored }))
      .catch((error: unknown) => {
        fail(error);
        throw error;
      });
    received.catch(() => {});
    receiving.push(received);
  });
  parser.on('filesLimit', () => fail(tooManyFiles(options.maxFiles)));
  parser.on('fieldsLimit', () => fail(badForm('It has too many fields.')));
  parser.on('partsLimit', () => fail(badForm('It has too many parts.')));

  const onAbort = () => parser.destroy(signal.reason instanceof Error ? signal.reason : new Error('Aborted.'));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      finished(parser, (error) => (error ? reject(error) : resolve()));
      if (signal.aborted) onAbort();
      else request.pipe(parser);
    });
    return await Promise.all(receiving);
  } catch (error) {
    fail(error instanceof AppError ? error : badForm('It is damaged, or was cut off.'));
    request.unpipe(parser);
    for (const result of await Promise.allSettled(receiving)) {
      if (result.status === 'fulfilled') await options.discard(result.value.stored);
    }
    throw signal.reason;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function createParser({ headers }: IncomingMessage, { maxFiles, maxFields, maxFieldBytes }: FormOptions) {
  try {
    return busboy({
      headers,
      defParamCharset: 'utf8',
      // One more than allowed of each, so that what is too much is noticed and not left out.
      limits: {
        files: maxFiles,
        fields: maxFields,
        fieldSize: maxFieldBytes,
        fieldNameSize: 200,
        parts: maxFiles + maxFields + 1,
      },
    });
  } catch {
    throw badForm('Its Content-Type has no boundary.');
  }
}

function attempt(work: () => void, fail: (error: unknown) => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    fail(error);
    return false;
  }
}

function badForm(reason: string): AppError {
  return badInput({ form: reason }, `The form cannot be read. ${reason}`);
}

function fieldTooLarge(name: string, bytes: number): AppError {
  return new AppError({
    code: 'PAYLOAD_TOO_LARGE',
    message: `The field "${name.slice(0, 50)}" may have at most ${bytes} bytes.`,
  });
}

function tooManyFiles(most: number): AppError {
  return badForm(most === 1 ? 'It may hold one file.' : `It may hold ${most} files.`);
}
