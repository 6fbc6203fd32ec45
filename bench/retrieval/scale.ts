import type { WordIndex } from '../../src/ports/word-index.ts';
import { createId } from '../../src/util/ids.ts';
import { quantile, sorted } from '../support/statistics.ts';
import { formatTable, number } from '../support/table.ts';
import type { Corpus } from './corpus.ts';
import type { Library } from './library.ts';
import { type Timed, timed } from './timed.ts';

export type ScaleOptions = { chunks: number; scopes: number; questions: number; callers: number };

/** What searches cost: in one large scope, in one of many small ones, and several at once. */
export async function measureScale(library: Library, corpus: Corpus, options: ScaleOptions): Promise<void> {
  const { chunks, scopes, questions, callers } = options;
  const large = createId();
  const adding = await library.add(large, corpus.chunks(chunks));
  const written = adding.bytes / 1e6;
  console.log(
    `Added ${number(chunks)} chunks, ${number(written, 1)} MB, in ${number(adding.seconds, 1)} s: ` +
      `${number(written / adding.seconds, 1)} MB/s; ${number(adding.cpu, 1)} s of CPU; longest hold of the event loop ${number(adding.hold)} ms.`,
  );
  const asked = corpus.questions(questions);
  await report(library, 'before merging', large, asked, callers);
  const merging = await timed(() => library.merge(large));
  console.log(
    `Merged in ${merging.result} steps, ${number(merging.seconds, 1)} s; ${number(merging.cpu, 1)} s of CPU; ` +
      `longest hold ${number(merging.hold)} ms. ${await describeSize(library)}`,
  );
  await report(library, `${number(chunks)} chunks`, large, asked, callers);
  if (scopes === 0) return;

  const small = Array.from({ length: scopes }, createId);
  for (const scopeId of small) await library.add(scopeId, corpus.chunks(1_000));
  await report(library, `1,000 chunks, one scope of ${scopes + 1}`, small[0] as string, asked, callers);
}

async function report(library: Library, title: string, scopeId: string, asked: string[], callers: number) {
  const first = library.reopen();
  const cold = await timed(() => ask(first, scopeId, asked, 1));
  const warm = await timed(() => ask(first, scopeId, asked, 1));
  const together = await timed(() => ask(first, scopeId, asked, callers));
  await first.dispose();
  const row = (name: string, { result, seconds, cpu, hold }: Timed<number[]>) => {
    const times = sorted(result);
    const figures = [quantile(times, 0.5), quantile(times, 0.95), times.at(-1) ?? Number.NaN];
    return [
      name,
      ...figures.map((time) => number(time, 1)),
      number(result.length / seconds),
      number((cpu * 1_000) / result.length, 1),
      number(hold),
    ];
  };
  console.log(`\n## ${title}`);
  console.log(
    formatTable([
      ['', 'p50 (ms)', 'p95', 'most', 'searches/s', 'CPU each (ms)', 'longest hold (ms)'],
      row('each question for the first time', cold),
      row('once more', warm),
      row(`${callers} at a time`, together),
    ]),
  );
}

/** How long each search took, in milliseconds. */
async function ask(index: WordIndex, scopeId: string, asked: string[], callers: number): Promise<number[]> {
  const waiting = [...asked];
  const times: number[] = [];
  const caller = async () => {
    for (let text = waiting.pop(); text !== undefined; text = waiting.pop()) {
      const start = performance.now();
      const hits = await index.search({ text, scopeIds: [scopeId], limit: 50 });
      times.push(performance.now() - start);
      if (hits.length === 0) throw new Error(`Nothing is found for ${text}`);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return times;
}

async function describeSize({ database: { sql } }: Library): Promise<string> {
  const [row] = await sql.query<{ segments: number; blocks: number; data: number; disk: number }>(
    `SELECT (SELECT COUNT(*)::int FROM word_segments) AS segments, COUNT(*)::int AS blocks,
       SUM(length(data))::float8 / 1e6 AS data, pg_total_relation_size('word_blocks')::float8 / 1e6 AS disk
     FROM word_blocks`,
  );
  return row
    ? `${row.segments} segments, ${number(row.blocks)} blocks, ${number(row.data)} MB of postings, ${number(row.disk)} MB in the database.`
    : '';
}
