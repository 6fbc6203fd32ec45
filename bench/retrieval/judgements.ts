import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export type Entry = { _id: string; title?: string; text: string };

export type Collection = {
  documents: Entry[];
  questions: Entry[];
  /** By question: the documents that answer it, with their grades. */
  judged: Map<string, Map<string, number>>;
};

/** Reads a collection in the form of BEIR: corpus.jsonl, queries.jsonl, qrels.tsv. */
export async function readCollection(folder: string): Promise<Collection> {
  const entries = async (name: string) =>
    (await readFile(join(folder, name), 'utf8'))
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => JSON.parse(line) as Entry);
  return {
    documents: await entries('corpus.jsonl'),
    questions: await entries('queries.jsonl'),
    judged: await readJudgements(join(folder, 'qrels.tsv')),
  };
}

export function wholeText({ title, text }: Entry): string {
  return title ? `${title}\n${text}` : text;
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

/** nDCG@10: linear gain, discounted by the logarithm of the rank. A document counts where it is found first. */
export function gainOf(found: string[], relevant: Map<string, number>): number {
  const discounted = (grades: number[]) =>
    grades.slice(0, 10).reduce((sum, grade, at) => sum + grade / Math.log2(at + 2), 0);
  const ideal = [...relevant.values()].sort((left, right) => right - left);
  return discounted([...new Set(found)].map((id) => relevant.get(id) ?? 0)) / discounted(ideal);
}
