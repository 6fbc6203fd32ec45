import { createReadStream } from 'node:fs';
import { DAMAGED, Refusal } from '../refusal.ts';
import { createEncodingGuess } from './encoding.ts';

const CHUNK_BYTES = 131_072;

export type DecodedChunk = { text: string; fraction: number };

/** The text of a file, in pieces that end anywhere. Reads it twice: first only for its encoding. */
export async function* decodeFile(path: string, size: number): AsyncGenerator<DecodedChunk> {
  const guess = createEncodingGuess();
  for await (const chunk of bytesOf(path)) guess.add(chunk);
  const encoding = guess.end();
  if (encoding === null) throw new Refusal(DAMAGED);
  yield* decodeAs(path, size, encoding);
}

export async function* decodeAs(path: string, size: number, encoding: string): AsyncGenerator<DecodedChunk> {
  const decoder = new TextDecoder(encoding);
  let read = 0;
  for await (const chunk of bytesOf(path)) {
    read += chunk.length;
    yield { text: decoder.decode(chunk, { stream: true }), fraction: read / (size || 1) };
  }
  const rest = decoder.decode();
  if (rest !== '') yield { text: rest, fraction: 1 };
}

export function bytesOf(path: string): AsyncIterable<Buffer> {
  return createReadStream(path, { highWaterMark: CHUNK_BYTES });
}
