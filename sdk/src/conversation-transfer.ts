import { type BytesOptions, createBytes } from './bytes.ts';
import { type ColloquyError, errorOf } from './errors.ts';
import { type Reply, readAnswer } from './http.ts';
import type { UploadOptions } from './upload-options.ts';

export type ConversationTransferOptions = BytesOptions & {
  /** Of the graph; export and import are beside it. */
  url: string;
};

/** A file of conversations: in Node `await openAsBlob(path)` makes one that stays on the disk. */
export type ImportSource = Blob | string;

export type ExportOptions = { signal?: AbortSignal | undefined };

/** `signal` ends the import as well: the same file again goes on where it was. */
export type ImportOptions = Pick<UploadOptions, 'signal' | 'onProgress'>;

export type ImportSummary = {
  imported: number;
  /** They were there already. */
  skipped: number;
  failedCount: number;
  /** The first 100. `index`: the place among the conversations of the file, from 0. */
  failed: { index: number; title: string | null; message: string }[];
};

/** All conversations at once: from the server and to it. */
export function createConversationTransfers({ url, ...options }: ConversationTransferOptions) {
  const { post, get } = createBytes(options);

  return {
    /** One JSON document, as a response that can be read as a stream. Throws ColloquyError. */
    async exportConversations({ signal }: ExportOptions = {}): Promise<Response> {
      const response = await get(new URL('export', url), signal);
      if (response.ok) return response;
      throw failureOf(response, await response.text());
    },

    /**
     * Takes as long as it takes. The file is an export of a Colloquy server or of ChatGPT. Throws ColloquyError where it
     * is none; of conversations that are broken the summary tells.
     */
    async importConversations(source: ImportSource, options: ImportOptions = {}): Promise<ImportSummary> {
      const blob = typeof source === 'string' ? new Blob([source]) : source;
      const { reply, text } = await post(new URL('import', url).href, { blob }, {}, options);
      return readSummary(reply, text);
    },
  };
}

function readSummary(reply: Reply, text: string): ImportSummary {
  if (reply.status === 200) {
    try {
      const answer = JSON.parse(text) as Partial<ImportSummary>;
      if (typeof answer.imported === 'number') return answer as ImportSummary;
    } catch {
      // Something in between has answered.
    }
  }
  throw failureOf(reply, text);
}

function failureOf(reply: Reply, text: string): ColloquyError {
  return readAnswer(reply, text).error ?? errorOf([]);
}
