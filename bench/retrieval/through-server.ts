import { setTimeout as delay } from 'node:timers/promises';
import { startPostgres } from '../../test/support/services/postgres.ts';
import type { Closer } from '../support/closer.ts';
import { type Colloquy, startColloquy } from '../support/colloquy.ts';
import { judge } from './dataset.ts';
import { type Collection, readCollection, wholeText } from './judgements.ts';

const UPLOADS_AT_ONCE = 4;
const INGEST_LIMIT_MS = 900_000;
const LIMIT = 50;

const COUNT = `query ($status: FileStatus!, $in: ID!) {
  files(first: 1, filter: { status: $status, collectionId: $in }) { totalCount }
}`;
const SEARCH = `query ($text: String!, $in: [ID!], $limit: Int!) {
  search(input: { text: $text, collectionIds: $in, limit: $limit }) { fileName score }
}`;

/**
 * The same as `measureDataset`, from outside: every document is uploaded as a file, read, split and indexed by a server,
 * and every question goes through `search`. Prints how long each took.
 */
export async function measureThroughServer(
  { started }: Closer,
  engine: 'postgresql' | 'pglite',
  folder: string,
  run: string | undefined,
): Promise<number> {
  const postgres = engine === 'postgresql' ? await started(startPostgres()) : null;
  const server = await started(startColloquy({ databaseUrl: postgres?.url, core: undefined }));
  const { token } = await server.register();
  const { createCollection } = await server.post<{ createCollection: { id: string } }>(
    'mutation { createCollection(name: "Measured") { id } }',
    {},
    token,
  );
  const collection = await readCollection(folder);
  const begun = performance.now();
  await upload(server, token, createCollection.id, collection);
  await untilRead(server, token, createCollection.id);
  console.log(`${collection.documents.length} files READY after ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  const asked = performance.now();
  const gain = await judge(collection, run, async (text) => {
    type Found = { search: { fileName: string; score: number }[] };
    const variables = { text, in: [createCollection.id], limit: LIMIT };
    const { search } = await server.post<Found>(SEARCH, variables, token);
    return search.map(({ fileName, score }) => ({ document: fileName.replace(/\.txt$/, ''), score }));
  });
  const each = (performance.now() - asked) / collection.questions.length;
  console.log(`${collection.questions.length} questions, ${each.toFixed(1)} ms each`);
  return gain;
}

async function upload(server: Colloquy, token: string, collectionId: string, { documents }: Collection) {
  const waiting = [...documents];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const parameters = new URLSearchParams({ name: `${next._id}.txt`, collectionId });
      const response = await fetch(`${server.url}/files?${parameters}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: wholeText(next),
      });
      const answer = await response.text();
      if (!response.ok) console.error(`${next._id}: ${answer.slice(0, 200)}`);
    }
  };
  await Promise.all(Array.from({ length: UPLOADS_AT_ONCE }, worker));
}

async function untilRead(server: Colloquy, token: string, collectionId: string): Promise<void> {
  const deadline = Date.now() + INGEST_LIMIT_MS;
  const count = async (status: string) => {
    const variables = { status, in: collectionId };
    const { files } = await server.post<{ files: { totalCount: number } }>(COUNT, variables, token);
    return files.totalCount;
  };
  while ((await count('QUEUED')) + (await count('PROCESSING')) > 0) {
    if (Date.now() > deadline) throw new Error('The files were not read in time.');
    await delay(200);
  }
  const failed = await count('FAILED');
  if (failed > 0) throw new Error(`${failed} files could not be read.`);
}
