import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createId } from '../../src/util/ids.ts';
import type { Library } from './library.ts';

type Entry = { _id: string; title?: string; text: string };

const DEPTH = 100;

/**
 * Indexes a collection in the form of BEIR (corpus.jsonl, queries.jsonl, qrels.tsv), one document a chunk, asks its
 * questions and writes what was found: question, document, score. Returns the mean nDCG@10.
 */
export async function measureDataset(library: Library, folder: string, run: string | undefined): Promise<number> {
  const entries = async (name: string) =>
    (await readFile(join(folder, name), 'utf8'))
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => JSON.parse(line) as Entry);
  const documents = await entries('corpus.jsonl');
  const judged = await readJudgements(join(folder, 'qrels.tsv'));
  const scopeId = createId();
  await library.add(
    scopeId,
    documents.map(({ title, text }) => (title ? `${title}\n${text}` : text)),
  );
  const lines: string[] = [];
  const gains: number[] = [];
  for (const { _id: id, text } of await entries('queries.jsonl')) {
    const hits = await library.index.search({ text, scopeIds: [scopeId], limit: DEPTH });
    const found = hits.map(({ chunk }) => documents[chunk]?._id ?? '');
    for (const [at, hit] of hits.entries()) lines.push(`${id}\t${found[at]}\t${hit.score}`);
    const relevant = judged.get(id);
    if (relevant) gains.push(gainOf(found, relevant));
  }
  if (run) await writeFile(run, `${lines.join('\n')}\n`);
  return gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
}

async function readJudgements(file: string): Promise<Map<string, Map<string, number>>> {
  const judged = new Map<string, Map<string, number>>();
  for (const line of (await readFile(file, 'utf8')).split('\n')) {
    const cells = line.split('\t');
    const grade = Number(cells.at(-1));
    const [question, document] = cells;
    if (!(grade > 0) || !question || !document) continue;
    const relevant = judged.get(question) ?? new Map<string, number>();
    judged.set(question, relevant.set(document, grade));
  }
  return judged;
}

/** nDCG@10: linear gain, discounted by the logarithm of the rank. */
function gainOf(found: string[], relevant: Map<string, number>): number {
  const discounted = (grades: number[]) =>
    grades.slice(0, 10).reduce((sum, grade, at) => sum + grade / Math.log2(at + 2), 0);
  const ideal = [...relevant.values()].sort((left, right) => right - left);
  return discounted(found.map((id) => relevant.get(id) ?? 0)) / discounted(ideal);
}
