// How long an uploaded file takes to be READY, what that costs, and what other users notice of it. `--help` says what
// can be chosen.
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import type { TextSection } from '../../src/ports/file-reader.ts';
import { splitText } from '../../src/services/ingestion/split.ts';
import { estimatedTokens } from '../../src/util/tokens.ts';
import { startPostgres } from '../../test/support/services/postgres.ts';
import { databaseUrl, onServer } from '../../test/support/template.ts';
import { syntheticCorpus } from '../retrieval/corpus.ts';
import { type Closer, runAndClose } from '../support/closer.ts';
import { type Colloquy, startColloquy } from '../support/colloquy.ts';
import { type Cores, describeMachine, takeCores } from '../support/cores.ts';
import { quantile, sorted } from '../support/statistics.ts';
import { formatTable, number } from '../support/table.ts';
import { makePdf } from './pdf.ts';

const USAGE = `npm run bench:ingest -- [options]
  --engine postgresql,pglite   the databases (both)
  --megabytes 10,50            sizes of a file of plain text
  --pages 100                  of a PDF; 0: none`;

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'postgresql,pglite' },
    megabytes: { type: 'string', default: '10,50' },
    pages: { type: 'string', default: '100' },
    help: { type: 'boolean', default: false },
  },
});

const ASK_EVERY_MS = 25;
const DEADLINE_MS = 600_000;
const LINES_PER_PAGE = 55;

type Upload = { name: string; bytes: Buffer };

async function main(closer: Closer): Promise<void> {
  if (values.help) return console.log(USAGE);
  const cores = takeCores();
  console.log(`${describeMachine(cores)} ${new Date().toISOString().slice(0, 10)}.`);
  const sizes = values.megabytes.split(',').map(Number).filter(Boolean);
  const uploads = [...sizes.map(textFile), ...(Number(values.pages) > 0 ? [pdfFile(Number(values.pages))] : [])];
  for (const upload of uploads.slice(0, 1)) await measureSplit(upload);
  for (const engine of values.engine.split(',')) await measureEngine(closer, engine, uploads, cores);
}

function textFile(megabytes: number): Upload {
  const parts: string[] = [];
  let length = 0;
  for (const chunk of syntheticCorpus().chunks(megabytes * 1_000)) {
    parts.push(chunk, '\n\n');
    length += chunk.length + 2;
    if (length >= megabytes * 1e6) break;
  }
  return { name: `${megabytes} MB of text.txt`, bytes: Buffer.from(parts.join('')) };
}

function pdfFile(pages: number): Upload {
  const words = [...syntheticCorpus(2).chunks(pages * 3)].join(' ').split(/\s+/);
  const lines = Array.from({ length: pages * LINES_PER_PAGE }, (_, index) =>
    words.slice(index * 9, index * 9 + 9).join(' '),
  );
  const content = Array.from({ length: pages }, (_, page) =>
    lines.slice(page * LINES_PER_PAGE, (page + 1) * LINES_PER_PAGE),
  );
  return { name: `${pages} pages.pdf`, bytes: makePdf(content) };
}

/** The splitter alone, as a reference of the same run. */
async function measureSplit({ name, bytes }: Upload): Promise<void> {
  const paragraphs = bytes.toString('utf8').split(/(?<=\n\n)/);
  async function* sections(): AsyncGenerator<TextSection> {
    for (const text of paragraphs) {
      yield { text, page: null, blocks: [{ type: 'paragraph', start: 0, end: text.length }] };
    }
  }
  const begun = performance.now();
  let chunks = 0;
  for await (const _ of splitText(sections(), { tokens: estimatedTokens, targetTokens: 400, maxTokens: null }))
    chunks++;
  const seconds = (performance.now() - begun) / 1000;
  console.log(`\nSplitting alone, ${name}: ${number(bytes.length / 1e6 / seconds)} MB/s, ${number(chunks)} chunks.`);
}

async function measureEngine(closer: Closer, engine: string, uploads: Upload[], cores: Cores | null): Promise<void> {
  const postgres = engine === 'postgresql' ? await closer.started(startPostgres()) : null;
  const rows: string[][] = [];
  for (const upload of uploads) {
    const url = postgres ? await createDatabase(postgres.url) : undefined;
    const options = { databaseUrl: url, core: cores?.measured, env: { MAX_UPLOAD_MB: '500', CHUNK_TOKENS: '400' } };
    const server = await closer.started(startColloquy(options));
    const { token } = await server.register();
    // What is done once only is not what a file costs.
    await ingest(server, token, { name: 'first.txt', bytes: Buffer.from('The first file.') });
    const idle = await answerTimes(server, delay(1_000));
    rows.push([upload.name, ...(await measureFile(server, token, upload)), number(quantile(sorted(idle), 0.99))]);
    await server.stop();
  }
  console.log(`\n## ${engine}`);
  const head = ['', 'READY after', 'MB/s', 'CPU per MB', 'memory', 'others p50', 'p99', 'most', '(idle p99)'];
  console.log(formatTable([head, ...rows]));
}

async function measureFile(server: Colloquy, token: string, upload: Upload): Promise<string[]> {
  const before = await server.sample(true);
  let peak = before.rssBytes;
  let done = false;
  const watched = (async () => {
    while (!done) {
      peak = Math.max(peak, (await server.sample()).rssBytes);
      await delay(ASK_EVERY_MS * 4);
    }
  })();
  const begun = performance.now();
  const ingested = ingest(server, token, upload).finally(() => {
    done = true;
  });
  const others = await answerTimes(server, ingested);
  const seconds = (performance.now() - begun) / 1000;
  await watched;
  const megabytes = upload.bytes.length / 1e6;
  const cpuSeconds = ((await server.sample()).cpuMicroseconds - before.cpuMicroseconds) / 1e6;
  return [
    `${number(seconds, 1)} s`,
    number(megabytes / seconds, 2),
    `${number((cpuSeconds / megabytes) * 1000)} ms`,
    `+ ${number((peak - before.rssBytes) / 1e6)} MB`,
    ...[0.5, 0.99, 1].map((share) => number(quantile(sorted(others), share))),
  ];
}

/** Uploads, and waits until the file has been read. */
async function ingest(server: Colloquy, token: string, { name, bytes }: Upload): Promise<void> {
  const response = await fetch(`${server.url}/files?name=${encodeURIComponent(name)}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: new Uint8Array(bytes),
  });
  const { file, errors } = (await response.json()) as { file?: { id: string }; errors?: unknown };
  if (!file) throw new Error(`${name} was refused: ${JSON.stringify(errors)}`);
  const deadline = performance.now() + DEADLINE_MS;
  while (performance.now() < deadline) {
    type Found = { node: { status: string; error: string | null } };
    const query = 'query ($id: ID!) { node(id: $id) { ... on File { status error } } }';
    const { node } = await server.post<Found>(query, { id: file.id }, token);
    if (node.status === 'READY') return;
    if (node.status === 'FAILED') throw new Error(`${name} could not be read: ${node.error}`);
    await delay(ASK_EVERY_MS);
  }
  throw new Error(`${name} was not read in time.`);
}

/** How long somebody else waits for the smallest of answers, in milliseconds, until `end`. */
async function answerTimes(server: Colloquy, end: Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  let ended = false;
  const ending = end.finally(() => {
    ended = true;
  });
  while (!ended) {
    const begun = performance.now();
    await server.post('{ __typename }').catch(() => {});
    times.push(performance.now() - begun);
    await delay(ASK_EVERY_MS);
  }
  await ending;
  return times;
}

async function createDatabase(serverUrl: string): Promise<string> {
  const name = `bench_${randomBytes(6).toString('hex')}`;
  await onServer(serverUrl, (client) => client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`));
  return databaseUrl(serverUrl, name);
}

await runAndClose(main);
