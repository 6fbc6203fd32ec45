import { open } from 'node:fs/promises';
import { type DecodedChunk, decodeAs, decodeFile } from './decode.ts';

const PROLOGUE_BYTES = 4_096;

/** The text of a web page: a mark in its bytes counts first, then what it declares, then what it looks like. */
export async function* decodeHtml(path: string, size: number): AsyncGenerator<DecodedChunk> {
  const declared = await declaredEncoding(path);
  yield* declared === null ? decodeFile(path, size) : decodeAs(path, size, declared);
}

async function declaredEncoding(path: string): Promise<string | null> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(PROLOGUE_BYTES), 0, PROLOGUE_BYTES, 0);
    const [a, b] = buffer;
    if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff) || (a === 0xef && b === 0xbb)) return null;
    const begin = buffer.toString('latin1', 0, bytesRead);
    const label =
      /<meta[^>]{1,500}charset\s{0,9}=\s{0,9}["']?\s{0,9}([\w.:-]{1,40})/i.exec(begin)?.[1] ??
      /^<\?xml[^>]{0,200}encoding=["']([\w.-]{1,40})["']/.exec(begin)?.[1];
    // Pages that say UTF-16 in single bytes are not, and UTF-8 is what is found out anyway.
    return label && !/^utf-?(8|16)/i.test(label) ? new TextDecoder(label).encoding : null;
  } catch {
    return null;
  } finally {
    await handle.close();
  }
}
