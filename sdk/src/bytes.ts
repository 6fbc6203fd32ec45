import { ColloquyError, unreachable } from './errors.ts';
import { type Fetch, headersOf, type Reply } from './http.ts';
import type { Credential, Session } from './session.ts';
import type { UploadOptions, UploadSource } from './upload-options.ts';
import { postWithXhr, xhrOf } from './xhr.ts';

export type BytesOptions = {
  fetch: Fetch;
  /** Whether `fetch` is the caller's own, which then is used whatever the runtime has. */
  ownFetch: boolean;
  session: () => Session;
};

/** What is sent as it is. A stream can be sent once. */
export type Body = { blob: Blob } | { stream: ReadableStream<Uint8Array> };

type Headers = Record<string, string>;
type Answered = { reply: Reply; text: string };
type SendOptions = Pick<UploadOptions, 'signal' | 'onProgress'>;

/** Bytes of any number to the server and from it: signed in, and sent a second time when the credential had to be renewed. */
export function createBytes({ fetch, ownFetch, session }: BytesOptions) {
  const xhr = () => (ownFetch ? undefined : xhrOf());

  async function bodyOf(source: UploadSource): Promise<Body> {
    if (source instanceof Blob) return { blob: source };
    if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return { blob: new Blob([source]) };
    const stream = source instanceof ReadableStream ? source : streamFrom(source);
    // Browsers send no streams, or not over every connection.
    return xhr() ? { blob: await new Response(stream).blob() } : { stream };
  }

  /** Takes as long as it takes. Throws UNREACHABLE where there is no answer, or the reason of the signal. */
  async function post(address: string, body: Body, headers: Headers, options: SendOptions): Promise<Answered> {
    const send = async () => {
      const credential = await session().credential();
      options.signal?.throwIfAborted();
      return { credential, ...(await postOnce(address, body, { ...headers, ...headersOf(credential) }, options)) };
    };
    const answer = await send();
    // A stream is used up; a credential that is about to end is renewed before, so it is hardly ever refused.
    const isOver = answer.reply.status !== 401 || 'stream' in body;
    return isOver || !(await session().renew(answer.credential)) ? answer : send();
  }

  async function postOnce(
    address: string,
    body: Body,
    headers: Headers,
    { signal, onProgress }: SendOptions,
  ): Promise<Answered> {
    const total = 'blob' in body ? body.blob.size : null;
    onProgress?.({ sent: 0, total });
    const Xhr = xhr();
    try {
      // Browsers tell only it how far an upload has got.
      if (Xhr && 'blob' in body) return await postWithXhr(Xhr, address, headers, body.blob, { signal, onProgress });
      const response = await fetch(address, {
        method: 'POST',
        headers,
        body: 'blob' in body && !onProgress ? body.blob : counted(streamOf(body), total, onProgress),
        // Streams ask for it; the types of browsers do not know it yet.
        ...({ duplex: 'half' } as object),
        signal: signal ?? null,
      });
      return { reply: response, text: await response.text() };
    } catch (error) {
      signal?.throwIfAborted();
      throw error instanceof ColloquyError ? error : unreachable(error);
    }
  }

  /** A response that can be read as a whole or as a stream, whatever its status. Throws as `post` does. */
  async function get(address: URL, signal: AbortSignal | undefined): Promise<Response> {
    const once = async (credential: Credential | null) => {
      try {
        return await fetch(address, { headers: headersOf(credential), signal: signal ?? null });
      } catch (error) {
        signal?.throwIfAborted();
        throw unreachable(error);
      }
    };
    const credential = await session().credential();
    const response = await once(credential);
    if (response.status !== 401 || !(await session().renew(credential))) return response;
    await response.body?.cancel();
    return once(await session().credential());
  }

  return { bodyOf, post, get };
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
