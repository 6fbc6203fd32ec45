import { setImmediate as macrotask } from 'node:timers/promises';
import type { SqlRunner } from '../../ports/sql.ts';
import { storable } from '../../util/text.ts';
import type { ClaimedFile } from './claim.ts';
import type { TextChunk } from './split.ts';

/** In UTF-16 units: what is written in one transaction, and so what there is of a file in memory. */
const BATCH_TEXT = 1_000_000;
const BATCH_CHUNKS = 4_000;
/** So long at most nobody else in the process has a turn. */
const TURN_MS = 8;

/** Chunks in bounded groups, as the database can hold them. Lets others work in between. */
export async function* batchesOf(chunks: AsyncIterable<TextChunk>): AsyncGenerator<TextChunk[]> {
  let batch: TextChunk[] = [];
  let length = 0;
  let turnBegan = performance.now();
  for await (const chunk of chunks) {
    batch.push({ ...chunk, text: storable(chunk.text), heading: chunk.heading && storable(chunk.heading) });
    length += chunk.text.length;
    if (length >= BATCH_TEXT || batch.length >= BATCH_CHUNKS) {
      yield batch;
      batch = [];
      length = 0;
    }
    if (performance.now() - turnBegan > TURN_MS) {
      await macrotask();
      turnBegan = performance.now();
    }
  }
  if (batch.length > 0) yield batch;
}

const INSERT = `
INSERT INTO chunks (file_id, generation, index, text, start, "end", page, heading)
SELECT $1::uuid, $2::int, index, text, start, "end", page, heading
FROM json_to_recordset($3::text::json)
  AS chunk(index int, text text, start int, "end" int, page int, heading text)`;

export async function insertChunks(sql: SqlRunner, file: ClaimedFile, chunks: TextChunk[]): Promise<void> {
  await sql.query(INSERT, [file.id, file.generation, JSON.stringify(chunks)]);
}

/** What a chunk is found by: also by the name of its file and the headings above it. */
export function indexedText(fileName: string, { heading, text }: TextChunk): string {
  return heading ? `${fileName}\n${heading}\n${text}` : `${fileName}\n${text}`;
}

/** The words of a file's name: without its ending, and without the signs that stand for spaces. */
export function wordsOfName(name: string): string {
  return name
    .replace(/\.[^.\s]{1,8}$/, '')
    .replace(/[_\-.]+/g, ' ')
    .trim();
}
