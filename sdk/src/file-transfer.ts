import { type BytesOptions, createBytes } from './bytes.ts';
import { errorOf } from './errors.ts';
import type { FileFieldsFragment } from './generated/graphql.ts';
import { type Reply, readAnswer } from './http.ts';
import type { UploadOptions, UploadSource } from './upload-options.ts';

export type TransferOptions = BytesOptions & {
  /** Of the graph; the files are beside it. */
  url: string;
};

const HEADERS = { accept: 'application/json', 'content-type': 'application/octet-stream' };

/** The bytes of files: to the server and from it. */
export function createTransfers({ url, ...options }: TransferOptions) {
  const { bodyOf, post, get } = createBytes(options);

  /**
   * Takes as long as it takes. Throws ColloquyError, or the reason of the signal. The same bytes twice in one collection,
   * or outside of any, are one file: the one that is there is returned.
   */
  async function upload(source: UploadSource, options: UploadOptions = {}): Promise<FileFieldsFragment> {
    const { reply, text } = await post(uploadAddress(url, source, options), await bodyOf(source), HEADERS, options);
    return readFile(reply, text);
  }

  /** The bytes of a file, as a response that can be read as a whole or as a stream. Throws ColloquyError. */
  async function download(file: { downloadUrl: string }, signal?: AbortSignal): Promise<Response> {
    // The server may be reached by another address than the one that it knows itself by.
    const address = new URL(`files/${file.downloadUrl.split('/').at(-1)}`, url);
    const response = await get(address, signal);
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
