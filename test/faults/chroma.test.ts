import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { createChromaIndex } from '../../src/adapters/vectors/chroma-index.ts';
import { createChromaServer } from '../../src/adapters/vectors/chroma-server.ts';
import type { VectorItem } from '../../src/ports/vector-index.ts';
import { freeze } from '../support/freeze.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import { CHROMA_CACHE, startChroma } from '../support/services/chroma.ts';
import { findFreePort } from '../support/services/free-port.ts';

const DEADLINES = { queryMs: 1_000, writeMs: 15_000, stateMs: 500 };
/** Where a start is waited for, on a machine that is busy. */
const PATIENT = { ...DEADLINES, queryMs: 15_000 };
const QUICK = { firstPauseMs: 10, longestPauseMs: 50 };
const PARENT = fileURLToPath(new URL('../support/chroma-parent.ts', import.meta.url));

function someItems(count = 50): { fileId: string; items: VectorItem[] } {
  const fileId = randomUUID();
  const items = Array.from({ length: count }, (_, chunk) => {
    const angle = (chunk / count) * Math.PI;
    return { fileId, generation: 1, chunk, vector: new Float32Array([Math.cos(angle), Math.sin(angle)]) };
  });
  return { fileId, items };
}

async function open(options: Parameters<typeof startChroma>[0] & { deadlines?: typeof DEADLINES } = {}) {
  const chroma = await startChroma(options);
  onTestFinished(chroma.stop);
  const index = createChromaIndex({
    connect: chroma.server.url,
    deadlines: options.deadlines ?? PATIENT,
    breaker: { failures: 1_000, openMs: 1 },
  });
  onTestFinished(index.dispose);
  const space = { scopeId: randomUUID(), model: 'ollama/scripted' };
  const nearest = async (chunk: number, { items }: ReturnType<typeof someItems>) =>
    (await index.query(space, items[chunk]?.vector ?? new Float32Array(2), { limit: 1 }))[0]?.chunk;
  return { chroma, index, space, nearest };
}

async function pidOf({ server }: Awaited<ReturnType<typeof startChroma>>): Promise<number> {
  await server.url();
  return server.pid() ?? Number.NaN;
}

async function untilGone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await delay(20);
  }
}

const isGone = (url: string) =>
  fetch(`${url}/api/v2/heartbeat`).then(
    () => false,
    () => true,
  );

it('is up again after it was killed, with all that it had acknowledged', async () => {
  const { chroma, index, space, nearest } = await open();
  const written = someItems();
  await index.upsert(space, written.items);
  const pid = await pidOf(chroma);
  process.kill(pid, 'SIGKILL');
  await untilGone(pid);
  // Nobody has to know: what is asked meanwhile waits.
  expect(await index.count(space)).toBe(50);
  expect(await nearest(17, written)).toBe(17);
  expect(await pidOf(chroma)).not.toBe(pid);
  expect(chroma.warnings).toEqual([expect.stringContaining('SIGKILL')]);
});

it('loses nothing that was acknowledged when it is killed while it writes', async () => {
  const { chroma, index, space } = await open();
  const { items } = someItems(20_000);
  await index.upsert(space, items.slice(0, 1_000));
  const pid = await pidOf(chroma);
  const writing = index.upsert(space, items);
  process.kill(pid, 'SIGKILL');
  await writing;
  expect(await index.count(space)).toBe(20_000);
});

it('throws at its deadline while Chroma is frozen, and works again afterwards', async () => {
  const { chroma, index, space, nearest } = await open({ deadlines: DEADLINES });
  const written = someItems();
  await index.upsert(space, written.items);
  const pid = await pidOf(chroma);
  await freeze(pid);
  onTestFinished(() => void process.kill(pid, 'SIGCONT'));
  const error = await index.query(space, new Float32Array([1, 0]), { limit: 1 }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
  expect((error as Error).message).toBe('Chroma did not answer within 1 s.');
  expect(await index.state()).toEqual({
    status: 'DEGRADED',
    latencyMs: null,
    message: 'Chroma did not answer within 0.5 s.',
  });
  const leaving = new AbortController();
  const left = index.query(space, new Float32Array([1, 0]), { limit: 1, signal: leaving.signal });
  leaving.abort(new Error('left'));
  await expect(left).rejects.toThrow('left');
  process.kill(pid, 'SIGCONT');
  await expect.poll(() => nearest(20, written).catch(() => undefined), { timeout: 10_000 }).toBe(20);
  expect(await pidOf(chroma)).toBe(pid);
});

it('starts one anew that answers no more', async () => {
  const { chroma, index, space, nearest } = await open({ limits: { ...QUICK, checkMs: 50, answerMs: 300, misses: 2 } });
  const written = someItems();
  await index.upsert(space, written.items);
  const pid = await pidOf(chroma);
  await freeze(pid);
  await untilGone(pid);
  expect(await nearest(5, written)).toBe(5);
  expect(chroma.warnings[0]).toContain('has not answered 2 times in a row');
});

it('is not asked any more while it is silent, and asked again when it may be back', async () => {
  const { chroma } = await open();
  const index = createChromaIndex({
    connect: chroma.server.url,
    deadlines: { ...DEADLINES, queryMs: 300 },
    breaker: { failures: 2, openMs: 400 },
  });
  onTestFinished(index.dispose);
  const space = { scopeId: randomUUID(), model: 'ollama/scripted' };
  const ask = () => index.query(space, new Float32Array([1, 0]), { limit: 1 });
  const { items } = someItems(1);
  await index.upsert(space, items);
  const pid = await pidOf(chroma);
  await freeze(pid);
  onTestFinished(() => void process.kill(pid, 'SIGCONT'));
  await expect(ask()).rejects.toThrow('within 0.3 s');
  await expect(ask()).rejects.toThrow('within 0.3 s');
  const started = performance.now();
  await expect(ask()).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
  await expect(ask()).rejects.toThrow('left alone for a moment');
  // Not even one of them has waited.
  expect(performance.now() - started).toBeLessThan(300);
  process.kill(pid, 'SIGCONT');
  await expect.poll(ask, { timeout: 5_000 }).toMatchObject([{ chunk: 0 }]);
});

it('is empty when Chroma was emptied, and takes vectors again', async () => {
  const { chroma, index, space, nearest } = await open();
  const written = someItems();
  await index.upsert(space, written.items);
  expect(await nearest(3, written)).toBe(3);
  // As when its folder was removed: the collection is gone, and what is made again has another id.
  const { ChromaClient } = await import('chromadb');
  const { port } = new URL(await chroma.server.url());
  const client = new ChromaClient({ host: '127.0.0.1', port: Number(port) });
  for (const { name } of await client.listCollections()) await client.deleteCollection({ name });
  expect(await nearest(3, written)).toBeUndefined();
  expect(await index.count(space)).toBe(0);
  await index.removeFile(space, written.fileId);
  await index.upsert(space, written.items);
  expect(await nearest(3, written)).toBe(3);
});

it('refuses vectors of another length in words for a person, without an address', async () => {
  const { index, space } = await open();
  await index.upsert(space, someItems().items);
  const calls = [
    () => index.query(space, new Float32Array([1, 0, 0]), { limit: 1 }),
    () => index.upsert(space, [{ fileId: randomUUID(), generation: 1, chunk: 0, vector: new Float32Array([1, 0, 0]) }]),
  ];
  for (const call of calls) {
    const error = await call().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'UNAVAILABLE', retryable: false });
    expect((error as Error).message).toContain('another length');
    expect((error as Error).message).not.toContain('127.0.0.1');
  }
});

it.each([
  ['nobody listens', async () => `http://127.0.0.1:${await findFreePort()}`],
  ['there is no such host', async () => 'http://chroma.invalid:8000'],
])('says so, and says no address, where %s', async (_name, urlOf) => {
  const url = await urlOf();
  const message = 'Chroma cannot be reached.';
  const index = createChromaIndex({ connect: async () => url, deadlines: DEADLINES, delay: async () => {} });
  onTestFinished(index.dispose);
  const error = await index
    .count({ scopeId: randomUUID(), model: 'ollama/scripted' })
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'UNAVAILABLE', retryable: true, message });
  expect(await index.state()).toEqual({ status: 'DEGRADED', latencyMs: null, message });
});

it('understands refusals and failures of a server elsewhere, and gives it the credentials of its address', async () => {
  const answers = [401, 403, 500, 400];
  const upstream = await startScriptedServer({}, (_request, response) => {
    const status = answers.shift() ?? 500;
    response.writeHead(status, { 'content-type': 'application/json' }).end('{"message":"at http://10.0.0.1"}');
  });
  onTestFinished(upstream.close);
  const connect = async () => `http://us%C3%A9r:p%40ss@127.0.0.1:${upstream.port}`;
  const index = createChromaIndex({ connect, deadlines: DEADLINES });
  onTestFinished(index.dispose);
  const faults: unknown[] = [];
  for (let call = 0; call < 4; call++) {
    faults.push(await index.count({ scopeId: 'a', model: 'b' }).catch((reason: unknown) => reason));
  }
  expect(faults).toMatchObject([
    { retryable: false, message: 'Chroma refused the credentials in CHROMA_URL.' },
    { retryable: false, message: 'Chroma refused the credentials in CHROMA_URL.' },
    { retryable: true, message: 'Chroma failed.' },
    { retryable: false, message: 'Chroma refused the request.' },
  ]);
  const expected = `Basic ${Buffer.from('usér:p@ss').toString('base64')}`;
  expect(upstream.requests.map(({ headers }) => headers.authorization)).toEqual(Array(4).fill(expected));
});

it('is gone soon after the process that had it was killed, and its data serves the next one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-chroma-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const startParent = async () => {
    const parent = spawn(process.execPath, [PARENT, folder, CHROMA_CACHE], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void parent.kill('SIGKILL'));
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    return { parent, ...(JSON.parse(line.toString()) as { url: string; pid: number }) };
  };
  const space = { scopeId: randomUUID(), model: 'ollama/scripted' };
  const first = await startParent();
  const writer = createChromaIndex({ connect: async () => first.url });
  onTestFinished(writer.dispose);
  await writer.upsert(space, someItems().items);
  first.parent.kill('SIGKILL');
  // At once, while the first Chroma may still be there: the second one waits for the folder.
  const second = await startParent();
  await untilGone(first.pid);
  expect(await isGone(first.url)).toBe(true);
  const reader = createChromaIndex({ connect: async () => second.url });
  onTestFinished(reader.dispose);
  expect(await reader.count(space)).toBe(50);
  second.parent.kill('SIGKILL');
  await untilGone(second.pid);
  expect(await isGone(second.url)).toBe(true);
});

it('never runs twice on one folder: the second says so, and takes over when the first has ended', async () => {
  const first = await startChroma();
  onTestFinished(first.stop);
  await first.server.url();
  const warnings: string[] = [];
  const second = createChromaServer({
    folder: first.folder,
    cacheFolder: CHROMA_CACHE,
    debug: () => {},
    warn: (message) => warnings.push(message),
    limits: QUICK,
  });
  onTestFinished(second.dispose);
  await expect(second.url()).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
  await expect(second.url()).rejects.toThrow('Another server has the vectors in DATA_DIR/chroma. Set CHROMA_URL');
  await first.server.dispose();
  await expect.poll(() => second.url().catch(() => ''), { timeout: 10_000 }).toMatch(/^http/);
  expect(warnings).toHaveLength(1);
});

it('does not hold its callers up where it ends again and again, and says what can be done', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-chroma-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  await writeFile(join(folder, 'chroma.sqlite3'), 'this is no database, and it is longer than a header'.repeat(100));
  const warnings: string[] = [];
  const server = createChromaServer({
    folder,
    cacheFolder: CHROMA_CACHE,
    debug: () => {},
    warn: (message) => warnings.push(message),
    limits: QUICK,
  });
  onTestFinished(server.dispose);
  await expect(server.url()).rejects.toThrow('delete DATA_DIR/chroma and reindex');
  expect(warnings[0]).toContain('Chroma has ended');
  const index = createChromaIndex({ connect: server.url });
  onTestFinished(index.dispose);
  expect(await index.state()).toMatchObject({ status: 'DEGRADED', message: expect.stringContaining('in a row') });
  await server.dispose();
  await expect(server.url()).rejects.toThrow('shutting down');
});

it('ends in order, also right after its start, and leaves no process behind', async () => {
  const chroma = await startChroma();
  onTestFinished(chroma.stop);
  const url = await chroma.server.url();
  const pid = await pidOf(chroma);
  await chroma.server.dispose();
  expect(() => process.kill(pid, 0)).toThrow();
  expect(await isGone(url)).toBe(true);
  const hasty = await startChroma();
  onTestFinished(hasty.stop);
  await hasty.server.dispose();
  expect(hasty.server.pid()).toBeUndefined();
});

it('ends also while it is frozen', async () => {
  const chroma = await startChroma();
  onTestFinished(chroma.stop);
  const pid = await pidOf(chroma);
  await freeze(pid);
  await chroma.server.dispose();
  expect(() => process.kill(pid, 0)).toThrow();
});

it('waits for nothing that it cannot have: a program in its place answers nobody', async () => {
  // A server that accepts and says nothing.
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  onTestFinished(() => void silent.close());
  const { port } = silent.address() as { port: number };
  const index = createChromaIndex({
    connect: async () => `http://127.0.0.1:${port}`,
    deadlines: { ...DEADLINES, queryMs: 200 },
  });
  const asked = index.count({ scopeId: randomUUID(), model: 'ollama/scripted' });
  await expect(asked).rejects.toMatchObject({ code: 'UNAVAILABLE', message: 'Chroma did not answer within 0.2 s.' });
  const unfinished = index.count({ scopeId: randomUUID(), model: 'ollama/scripted' });
  await index.dispose();
  await expect(unfinished).rejects.toThrow('shutting down');
});
