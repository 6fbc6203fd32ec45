import { ColloquyError, errorOf, unreachable } from './errors.ts';
import type { FileFieldsFragment } from './generated/graphql.ts';
import { type Fetch, headersOf, type Reply, readAnswer } from './http.ts';
import type { Credential, Session } from './session.ts';
import type { UploadOptions, UploadSource } from './upload-options.ts';
import { postWithXhr, xhrOf } from './xhr.ts';

export type TransferOptions = {
  /** Of the graph; the files are beside it. */
  url: string;
  fetch: Fetch;
  /** Whether `fetch` is the caller's own, which then is used whatever the runtime has. */
  ownFetch: boolean;
  session: () => Session;
};

type Body = { blob: Blob } | { stream: ReadableStream<Uint8Array> };

/** The bytes of files: to the server and from it. */
export function createTransfers({ url, fetch, ownFetch, session }: TransferOptions) {
  /**
   * Takes as long as it takes. Throws ColloquyError, or the reason of the signal. The same bytes twice in one collection,
   * or outside of any, are one file: the one that is there is returned.
   */
  async function upload(source: UploadSource, options: UploadOptions = {}): Promise<FileFieldsFragment> {
    const address = uploadAddress(url, source, options);
    const body = await bodyOf(source, ownFetch ? undefined : xhrOf());
    const send = async () => {
      const credential = await session().credential();
      options.signal?.throwIfAborted();
      return { credential, ...(await post(address, body, credential, options)) };
    };
    let answer = await send();
    // A stream is used up; a credential that is about to end is renewed before, so it is hardly ever refused.
    if (answer.reply.status === 401 && 'blob' in body && (await session().renew(answer.credential))) {
      answer = await send();
    }
    return readFile(answer.reply, answer.text);
  }

  async function post(address: string, body: Body, credential: Credential | null, options: UploadOptions) {
    const { signal, onProgress } = options;
    const headers = {
      accept: 'application/json',
      'content-type': 'application/octet-stream',
      ...headersOf(credential),
    };
    const total = 'blob' in body ? body.blob.size : null;
    onProgress?.({ sent: 0, total });
    const xhr = ownFetch ? undefined : xhrOf();
    try {
      // Browsers tell only it how far an upload has got.
      if (xhr && 'blob' in body) return await postWithXhr(xhr, address, headers, body.blob, { signal, onProgress });
      const response = await fetch(address, {
        method: 'POST',
        headers,
        body: 'blob' in body && !onProgress ? body.blob : counted(streamOf(body), total, onProgress),
        // Streams ask for it; the types of browsers do not know it yet.
        ...({ duplex: 'half' } as object),
        signal: signal ?? null,
      });
      const reply: Reply = response;
      return { reply, text: await response.text() };
    } catch (error) {
      signal?.throwIfAborted();
      throw error instanceof ColloquyError ? error : unreachable(error);
    }
  }

  /** The bytes of a file, as a response that can be read as a whole or as a stream. Throws ColloquyError. */
  async function download(file: { downloadUrl: string }, signal?: AbortSignal): Promise<Response> {
    // The server may be reached by another address than the one that it knows itself by.
    const address = new URL(`files/${file.downloadUrl.split('/').at(-1)}`, url);
    const get = async (credential: Credential | null) => {
      try {
        return await fetch(address, { headers: headersOf(credential), signal: signal ?? null });
      } catch (error) {
        signal?.throwIfAborted();
        throw unreachable(error);
      }
    };
    const credential = await session().credential();
    let response = await get(credential);
    if (response.status === 401 && (await session().renew(credential))) {
      await response.body?.cancel();
      response = await get(await session().credential());
    }
    if (response.ok) return response;
    throw readAnswer(response, await response.text()).error;
  }

  return { upload, download };
}

function uploadAddress(url: string, source: UploadSource, { name, collectionId }: UploadOptions): string {
  const address = new URL('files', url);
  const shown = name ?? (source as { name?: unknown }).name;
  if (typeof shown === 'string') address.searchParams.set('name', shown);
  if (collectionId) address.searchParams.set('collectionId', collectionId);
  return address.href;
}

async function bodyOf(source: UploadSource, xhr: unknown): Promise<Body> {
  if (source instanceof Blob) return { blob: source };
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return { blob: new Blob([source]) };
  const stream = source instanceof ReadableStream ? source : streamFrom(source);
  // Browsers send no streams, or not over every connection.
  return xhr ? { blob: await new Response(stream).blob() } : { stream };
}

function streamFrom(chunks: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array<ArrayBuffer>> {
  const iterator = chunks[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(value as Uint8Array<ArrayBuffer>);
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}

const streamOf = (body: Body) => ('blob' in body ? body.blob.stream() : body.stream);

function counted(
  stream: ReadableStream<Uint8Array>,
  total: number | null,
  onProgress: UploadOptions['onProgress'],
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let sent = 0;
  const counter = new TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      sent += chunk.byteLength;
      controller.enqueue(chunk as Uint8Array<ArrayBuffer>);
      onProgress?.({ sent, total });
    },
  });
  return stream.pipeThrough(counter);
}

function readFile(reply: Reply, text: string): FileFieldsFragment {
  if (reply.status === 200 || reply.status === 201) {
    try {
      return (JSON.parse(text) as { file: FileFieldsFragment }).file;
    } catch {
      // Something in between has answered.
    }
  }
  throw readAnswer(reply, text).error ?? errorOf([]);
}
