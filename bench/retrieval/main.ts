// What the lexical index finds, and what that costs. `--help` says what can be chosen.
import { parseArgs } from 'node:util';
import { type Closer, runAndClose } from '../support/closer.ts';
import { describeMachine } from '../support/cores.ts';
import { number } from '../support/table.ts';
import { folderCorpus, syntheticCorpus } from './corpus.ts';
import { measureDataset } from './dataset.ts';
import { openLibrary } from './library.ts';
import { measureScale } from './scale.ts';
import { measureThroughServer } from './through-server.ts';

const USAGE = `npm run bench:retrieval -- [options]
  --engine postgresql|pglite   the database (postgresql, which is started for it)
  --chunks 100000              in one scope
  --scopes 100                 of 1,000 chunks each, beside it; 0: none
  --questions 200              asked one after another, then some at a time
  --callers 10                 so many at a time
  --folder path                its texts instead of made ones
  --dataset path               nDCG@10 of a collection (corpus.jsonl, queries.jsonl, qrels.tsv) instead
  --server                     asks a server that has read its documents as files
  --run file                   where to write what was found in it: question, document, score`;

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'postgresql' },
    chunks: { type: 'string', default: '100000' },
    scopes: { type: 'string', default: '100' },
    questions: { type: 'string', default: '200' },
    callers: { type: 'string', default: '10' },
    folder: { type: 'string' },
    dataset: { type: 'string' },
    run: { type: 'string' },
    server: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const bounded = (text: string, least: number, most: number) =>
  Math.min(most, Math.max(least, Math.floor(Number(text) || 0)));

async function main(closer: Closer): Promise<void> {
  if (values.help) return console.log(USAGE);
  const engine = values.engine === 'pglite' ? 'pglite' : 'postgresql';
  console.log(`${describeMachine(null)}\nDatabase: ${engine}. ${new Date().toISOString().slice(0, 10)}.`);
  if (values.dataset) {
    const gain = values.server
      ? await measureThroughServer(closer, engine, values.dataset, values.run)
      : await measureDataset(await openLibrary(closer, engine), values.dataset, values.run);
    console.log(`${values.dataset}: nDCG@10 ${number(gain, 4)}`);
    return;
  }
  const library = await openLibrary(closer, engine);
  const corpus = values.folder ? await folderCorpus(values.folder) : syntheticCorpus();
  await measureScale(library, corpus, {
    chunks: bounded(values.chunks, 1_000, 2_000_000),
    scopes: bounded(values.scopes, 0, 1_000),
    questions: bounded(values.questions, 10, 10_000),
    callers: bounded(values.callers, 1, 100),
  });
}

await runAndClose(main);
