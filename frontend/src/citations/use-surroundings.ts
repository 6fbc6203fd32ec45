import { type Client, FileTextDocument } from '@colloquy/sdk';
import { useEffect, useState } from 'react';
import type { Passage } from './sources.ts';

/** A passage within its document. */
export type Surroundings = {
  before: string;
  text: string;
  after: string;
  /** There is more text than this, on that side. */
  isCutBefore: boolean;
  isCutAfter: boolean;
};

/**
 * Reads so many UTF-16 units around a passage. `failed`: the server did not tell them. Null until they are there, and
 * where they never will be: the file has been deleted, or it has been read anew and says something else in that place.
 */
export function useSurroundings(client: Client, passage: Passage, around: number) {
  const [state, setState] = useState<{ found: Surroundings | null; failed: boolean }>({ found: null, failed: false });
  const { file, start, end, text } = passage;
  const id = file?.id;

  useEffect(() => {
    if (!id) return;
    const controller = new AbortController();
    const { signal } = controller;
    const from = Math.max(0, start - around);
    const read = async () => {
      try {
        const { file: read } = await client.query(FileTextDocument, { id, start: from, end: end + around }, { signal });
        if (signal.aborted) return;
        const found = read?.text ? locate(read.text, text, start - from) : null;
        const isCutBefore = from > 0;
        const isCutAfter = read ? end + around < read.textLength : false;
        setState({ found: found && { ...found, isCutBefore, isCutAfter }, failed: false });
      } catch {
        if (!signal.aborted) setState((before) => ({ ...before, failed: true }));
      }
    };
    void read();
    return () => controller.abort();
  }, [client, id, start, end, text, around]);

  return state;
}

/** `expected`: where the passage should begin. A file that has been read anew may have it elsewhere, or no more. */
function locate(whole: string, passage: string, expected: number) {
  const at = whole.startsWith(passage, expected) ? expected : whole.indexOf(passage);
  if (at < 0) return null;
  return { before: whole.slice(0, at), text: passage, after: whole.slice(at + passage.length) };
}
