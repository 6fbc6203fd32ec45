import type { SqlRunner } from '../../ports/sql.ts';
import type { WordPart } from '../../ports/word-index.ts';
import { createBreaths } from './breaths.ts';
import { writeLengths } from './lengths.ts';
import { createSegmentBuilder } from './segment-builder.ts';
import { createSegmentWriter } from './segment-writer.ts';

/** One segment, or several where the texts are more than a builder holds. */
export async function appendPart(sql: SqlRunner, createId: () => string, part: WordPart): Promise<void> {
  const breaths = createBreaths();
  let next = 0;
  while (next < part.texts.length) {
    const first = next;
    const builder = createSegmentBuilder();
    while (next < part.texts.length && !builder.full) {
      await builder.add(part.texts[next] as string, breaths);
      next += 1;
    }
    const id = createId();
    const writer = createSegmentWriter(sql, {
      id,
      scopeId: part.scopeId,
      documents: builder.documents,
      buckets: builder.buckets(),
      lengths: writeLengths(builder.lengths, builder.documents),
      mergeId: null,
    });
    await builder.writeTerms(writer, breaths);
    await writer.finish();
    await sql.query(
      `INSERT INTO word_parts (segment_id, first_doc, doc_count, file_id, generation, first_chunk)
       VALUES ($1::uuid, 0, $2::int, $3::uuid, $4::int, $5::int)`,
      [id, builder.documents, part.fileId, part.generation, part.firstChunk + first],
    );
  }
}
