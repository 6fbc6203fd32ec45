import { writeFile } from 'node:fs/promises';
import { createId } from '../../src/util/ids.ts';
import { gainOf, readCollection, wholeText } from './judgements.ts';
import type { Library } from './library.ts';

export type Find = (question: string) => Promise<{ document: string; score: number }[]>;

const DEPTH = 100;

/** Asks the index alone, with one document a chunk. Returns the mean nDCG@10. */
export async function measureDataset(library: Library, folder: string, run: string | undefined): Promise<number> {
  const collection = await readCollection(folder);
  const scopeId = createId();
  await library.add(scopeId, collection.documents.map(wholeText));
  return judge(collection, run, async (text) => {
    const hits = await library.index.search({ text, scopeIds: [scopeId], limit: DEPTH });
    return hits.map(({ chunk, score }) => ({ document: collection.documents[chunk]?._id ?? '', score }));
  });
}

/** The mean nDCG@10 over the questions that have an answer. Writes what was found: question, document, score. */
export async function judge(
  { questions, judged }: Awaited<ReturnType<typeof readCollection>>,
  run: string | undefined,
  find: Find,
): Promise<number> {
  const lines: string[] = [];
  const gains: number[] = [];
  for (const { _id: id, text } of questions) {
    const hits = await find(text);
    for (const { document, score } of hits) lines.push(`${id}\t${document}\t${score}`);
    const relevant = judged.get(id);
    if (!relevant) continue;
    gains.push(
      gainOf(
        hits.map(({ document }) => document),
        relevant,
      ),
    );
  }
  if (run) await writeFile(run, `${lines.join('\n')}\n`);
  return gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
}
