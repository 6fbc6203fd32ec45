import { type ColloquyError, errorOf, unreachable } from './errors.ts';
import { type Fetch, headersOf, type Reply, readAnswer } from './http.ts';
import type { Credential, Session } from './session.ts';

export type ConversationTransferOptions = {
  /** Of the graph; export and import are beside it. */
  url: string;
  fetch: Fetch;
  session: () => Session;
};

/** A file of conversations: in Node `await openAsBlob(path)` makes one that stays on the disk. */
export type ImportSource = Blob | string;

export type ImportOptions = {
  /** Ends the import as well. The same file again goes on where it was. */
  signal?: AbortSignal | undefined;
};

export type ImportSummary = {
  imported: number;
  /** They were there already. */
  skipped: number;
  failedCount: number;
  /** The first 100. `index`: the place among the conversations of the file, from 0. */
  failed: { index: number; title: string | null; message: string }[];
};

/** All conversations at once: from the server and to it. */
export function createConversationTransfers({ url, fetch, session }: ConversationTransferOptions) {
  async function send(path: string, init: RequestInit, signal: AbortSignal | undefined): Promise<Response> {
    const once = async (credential: Credential | null) => {
      try {
        return await fetch(new URL(path, url), { ...init, headers: headersOf(credential), signal: signal ?? null });
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

  return {
    /** One JSON document, as a response that can be read as a stream. Throws ColloquyError. */
    async exportConversations({ signal }: ImportOptions = {}): Promise<Response> {
      const response = await send('export', {}, signal);
      if (response.ok) return response;
      throw failureOf(response, await response.text());
    },

    /**
     * Takes as long as it takes. The file is an export of a Colloquy server or of ChatGPT. Throws ColloquyError where it
     * is none; of conversations that are broken the summary tells.
     */
    async importConversations(source: ImportSource, { signal }: ImportOptions = {}): Promise<ImportSummary> {
      const response = await send('import', { method: 'POST', body: source }, signal);
      let text: string;
      try {
        text = await response.text();
      } catch (error) {
        signal?.throwIfAborted();
        throw unreachable(error);
      }
      return readSummary(response, text);
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
