import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readHubSource } from '../../src/adapters/models/hub/hub-source.ts';
import { createHubStore, type HubStoreOptions } from '../../src/adapters/models/hub/hub-store.ts';
import type { PullProgress } from '../../src/ports/model-store.ts';
import { delay } from '../../src/util/delay.ts';
import { takeProcessLock } from '../../src/util/process-lock.ts';
import { type HubPlan, startScriptedHub } from '../support/scripted-hub.ts';

const SOURCE = 'hf:owner/repo/model.gguf';
const PATH = 'owner/repo/model.gguf';
const bytes = randomBytes(600_000);
const never = new AbortController().signal;

async function begin(plan: HubPlan = {}, more: Partial<HubStoreOptions> & { token?: string } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-hub-'));
  const parts = {
    'owner/repo/big-00001-of-00002.gguf': bytes.subarray(0, 9),
    'owner/repo/big-00002-of-00002.gguf': bytes,
  };
  const files = {
    [PATH]: bytes,
    'owner/repo/README.md': Buffer.from('#'),
    'owner/repo/other-Q4_K_M.gguf': bytes,
    'owner/repo/mmproj-Q4_K_M.gguf': bytes,
    ...parts,
  };
  const { token: hubToken, ...others } = more;
  const hub = await startScriptedHub({ files, plan: () => plan, ...(hubToken && { token: hubToken }) });
  onTestFinished(async () => {
    await hub.close();
    await rm(folder, { recursive: true, force: true });
  });
  const store = createHubStore({
    folder,
    endpoint: hub.url,
    token: null,
    delay: async () => {},
    pathOf: async (name) => ((await readdir(folder)).includes(name) ? join(folder, name) : null),
    brokenBy: async () => null,
    unload: async () => {},
    answerMs: 1_000,
    idleMs: 500,
    ...others,
  });
  const pull = async (source = SOURCE, signal = never) => {
    const steps: PullProgress[] = [];
    for await (const step of store.pull(source, signal)) steps.push(step);
    return steps;
  };
  const there = async () => (await readdir(folder)).sort();
  return { hub, store, folder, pull, there };
}

describe('a pull from the hub', () => {
  it('gets the file, tells how far it is, checks it, and leaves nothing else', async () => {
    const { folder, pull, there } = await begin();
    const steps = await pull();
    expect(await readFile(join(folder, 'model.gguf'))).toEqual(bytes);
    expect(await there()).toEqual(['model.gguf']);
    expect(steps[0]).toEqual({ status: 'asking', completedBytes: null, totalBytes: null });
    expect(steps.map(({ status }) => status)).toContain('downloading');
    expect(steps.at(-1)).toEqual({ status: 'verifying', completedBytes: bytes.length, totalBytes: bytes.length });
    const completed = steps.map(({ completedBytes }) => completedBytes ?? 0);
    expect(completed).toEqual(completed.toSorted((one, other) => one - other));
  });

  it('gives the token to the hub and to nobody else', async () => {
    const { hub, pull } = await begin({}, { token: 'hf_secret' });
    await expect(pull()).rejects.toThrow(/HF_TOKEN has to be set/);
    const known = await begin({}, { token: 'hf_secret' });
    const store = createHubStore({
      ...{ folder: known.folder, endpoint: known.hub.url, token: 'hf_secret', delay },
      pathOf: async () => null,
      brokenBy: async () => null,
      unload: async () => {},
    });
    for await (const _step of store.pull(SOURCE, never)) void _step;
    expect(known.hub.hub.requests.every(({ headers }) => headers.authorization === 'Bearer hf_secret')).toBe(true);
    expect(known.hub.storage.requests.length).toBeGreaterThan(0);
    expect(known.hub.storage.requests.some(({ headers }) => headers.authorization)).toBe(false);
    expect(hub.storage.requests).toEqual([]);
  });

  it('goes on where the connection broke, and fetches nothing twice', async () => {
    const { hub, folder, pull } = await begin({ cut: { afterBytes: 200_000, times: 2 } });
    await pull();
    expect(await readFile(join(folder, 'model.gguf'))).toEqual(bytes);
    expect(hub.storage.requests).toHaveLength(3);
    expect(hub.storage.requests.at(-1)?.headers.range).toMatch(/^bytes=[1-9]\d+-$/);
    // What was under way when it broke is lost, a piece or two of each time.
    expect(hub.sent()).toBeLessThan(bytes.length * 1.5);
  });

  it('goes on at the next pull where this one was left', async () => {
    const { hub, folder, pull, there } = await begin({ pauseMs: 5 });
    const controller = new AbortController();
    const first = pull(SOURCE, controller.signal);
    await expect.poll(() => hub.sent()).toBeGreaterThan(150_000);
    controller.abort(new Error('enough'));
    await expect(first).rejects.toThrow('enough');
    expect(await there()).toEqual(['model.gguf.part', 'model.gguf.part.json']);
    const before = hub.sent();
    await pull();
    expect(await readFile(join(folder, 'model.gguf'))).toEqual(bytes);
    expect(await there()).toEqual(['model.gguf']);
    expect(hub.sent() - before).toBeLessThan(bytes.length - 50_000);
  });

  it.each<[string, HubPlan]>([
    ['cannot begin in the middle', { noRanges: true, cut: { afterBytes: 200_000, times: 1 } }],
    ['names no version', { noTag: true, cut: { afterBytes: 200_000, times: 1 } }],
    ['tells no size', { noLength: true }],
  ])('gets the whole file of a server that %s', async (_name, plan) => {
    const { folder, pull } = await begin(plan);
    await pull();
    expect(await readFile(join(folder, 'model.gguf'))).toEqual(bytes);
  });

  it('begins anew where the file there is another one by then', async () => {
    const { hub, folder, pull } = await begin({ pauseMs: 5 });
    const controller = new AbortController();
    const first = pull(SOURCE, controller.signal);
    await expect.poll(() => hub.sent()).toBeGreaterThan(150_000);
    controller.abort(new Error('enough'));
    await expect(first).rejects.toThrow('enough');
    const other = randomBytes(500_000);
    hub.replace(PATH, other);
    await pull();
    expect(await readFile(join(folder, 'model.gguf'))).toEqual(other);
  });

  it('has all the parts of a model in several files, in one count', async () => {
    const { pull, there } = await begin();
    const steps = await pull('hf:owner/repo/big-00001-of-00002.gguf');
    expect(await there()).toEqual(['big-00001-of-00002.gguf', 'big-00002-of-00002.gguf']);
    expect(steps.at(-1)).toMatchObject({ completedBytes: bytes.length + 9, totalBytes: bytes.length + 9 });
  });

  it('does not get a part again that is there already', async () => {
    const { hub, pull, there } = await begin({ pauseMs: 5 });
    const controller = new AbortController();
    const first = pull('hf:owner/repo/big-00001-of-00002.gguf', controller.signal);
    await expect.poll(async () => await there()).toContain('big-00002-of-00002.gguf.part');
    controller.abort(new Error('enough'));
    await expect(first).rejects.toThrow('enough');
    const asked = hub.storage.requests.length;
    await pull('hf:owner/repo/big-00001-of-00002.gguf');
    expect(await there()).toEqual(['big-00001-of-00002.gguf', 'big-00002-of-00002.gguf']);
    const later = hub.storage.requests.slice(asked).map(({ path }) => path);
    expect(later.every((path) => path.includes('big-00002'))).toBe(true);
  });

  it('goes on with nothing that came from elsewhere, or that the server has changed without a word', async () => {
    const { hub, folder, pull } = await begin({ pauseMs: 5 });
    const stop = async () => {
      const controller = new AbortController();
      const before = hub.sent();
      const pulling = pull(SOURCE, controller.signal);
      await expect.poll(() => hub.sent() - before).toBeGreaterThan(150_000);
      controller.abort(new Error('enough'));
      await expect(pulling).rejects.toThrow('enough');
    };
    await stop();
    const note = join(folder, 'model.gguf.part.json');
    const written = JSON.parse(await readFile(note, 'utf8'));
    await writeFile(note, JSON.stringify({ ...written, source: 'http://elsewhere/model.gguf' }));
    await pull();
    expect(hub.storage.requests.at(-1)?.headers.range).toBeUndefined();
    await rm(join(folder, 'model.gguf'));
    await stop();
    await writeFile(note, JSON.stringify({ ...JSON.parse(await readFile(note, 'utf8')), etag: '"another"' }));
    await pull();
    expect(await readFile(join(folder, 'model.gguf'))).toEqual(bytes);
  });

  it('gives up where a server breaks off again and again, and cannot begin in the middle', async () => {
    const { hub, pull } = await begin({ noRanges: true, cut: { afterBytes: 300_000, times: 1_000 } });
    await expect(pull()).rejects.toMatchObject({ retryable: true });
    expect(hub.storage.requests.length).toBeLessThan(30);
  });

  it('finds the file of a quantization, and says which there are', async () => {
    const { pull, there } = await begin();
    await pull('hf:owner/repo:q4_k_m');
    expect(await there()).toEqual(['other-Q4_K_M.gguf']);
    await expect(pull('hf:owner/repo:Q8_0')).rejects.toThrow(/no GGUF file of the quantization Q8_0.*model\.gguf/);
  });

  it.each<[string, HubPlan, string, boolean]>([
    ['does not give it', { status: 403 }, 'HF_TOKEN has to be set', false],
    ['is overloaded', { status: 503 }, 'failed (HTTP 503)', true],
    ['says nothing', { silent: 'at once' }, 'does not answer within 1 s', true],
    ['falls silent', { silent: { afterBytes: 0 } }, 'it sent nothing for 1 s', true],
    ['breaks off always', { cut: { afterBytes: 0, times: 99 } }, 'the connection broke', true],
    ['sends something else', { wrongChecksum: true }, 'is not the file that it lists', false],
  ])('fails clearly where the hub %s, and nothing half is listed', async (_name, plan, message, retryable) => {
    const { pull, there } = await begin(plan);
    await expect(pull()).rejects.toMatchObject({ message: expect.stringContaining(message), retryable });
    expect((await there()).filter((name) => name.endsWith('.gguf'))).toEqual([]);
  });

  it('says that there is no such file, and no such host', async () => {
    const { pull } = await begin();
    await expect(pull('hf:owner/repo/gone.gguf')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const dead = await begin({}, { endpoint: 'http://127.0.0.1:9' });
    await expect(dead.pull()).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE', retryable: true });
  });

  it('removes what cannot be used', async () => {
    const { pull, there } = await begin({}, { brokenBy: async () => 'It is not a GGUF file.' });
    await expect(pull()).rejects.toThrow('model.gguf was pulled, and removed again. It is not a GGUF file.');
    expect(await there()).toEqual([]);
  });

  it('leaves a file alone that another process is pulling', async () => {
    const { folder, store, pull } = await begin();
    await writeFile(join(folder, 'model.gguf.part'), 'theirs');
    const lock = takeProcessLock(join(folder, '.model.gguf.lock'), 0);
    await expect(pull()).rejects.toMatchObject({ code: 'CONFLICT', retryable: true });
    expect(await store.elsewhere?.()).toEqual([{ name: 'model.gguf', completedBytes: 6, totalBytes: null }]);
    lock?.release();
    expect(await readFile(join(folder, 'model.gguf.part'), 'utf8')).toBe('theirs');
    await pull();
  });
});

it('tells what others are getting into the folder: not what it gets itself, nor what somebody has left', async () => {
  const { hub, folder, store, pull } = await begin({ pauseMs: 5 });
  const pulling = pull('hf:owner/repo/big-00001-of-00002.gguf');
  await expect.poll(() => hub.sent()).toBeGreaterThan(50_000);
  expect(await store.elsewhere?.()).toEqual([]);
  const other = createHubStore({
    ...{ folder, endpoint: hub.url, token: null, delay },
    pathOf: async () => null,
    brokenBy: async () => null,
    unload: async () => {},
  });
  const [seen, ...more] = (await other.elsewhere?.()) ?? [];
  expect(more).toEqual([]);
  expect(seen).toMatchObject({ name: 'big-00001-of-00002.gguf', totalBytes: bytes.length + 9 });
  expect(seen?.completedBytes).toBeGreaterThan(9);
  await pulling;
  expect(await other.elsewhere?.()).toEqual([]);
  // Killed: the lock and the part are still there.
  await writeFile(join(folder, '.left.gguf.lock'), '');
  await writeFile(join(folder, 'left.gguf.part'), 'half');
  const longAgo = new Date(Date.now() - 600_000);
  await utimes(join(folder, 'left.gguf.part'), longAgo, longAgo);
  expect(await other.elsewhere?.()).toEqual([]);
});

it('lists what a repository offers', async () => {
  const { store } = await begin();
  expect(await store.files?.('hf:owner/repo', never)).toEqual([
    { name: 'model.gguf', sizeBytes: bytes.length },
    { name: 'other-Q4_K_M.gguf', sizeBytes: bytes.length },
    { name: 'big-00001-of-00002.gguf', sizeBytes: 9 },
    { name: 'big-00002-of-00002.gguf', sizeBytes: bytes.length },
  ]);
  await expect(store.files?.('hf:owner/nowhere', never)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

it('removes a model with all its parts, and nothing outside its folder', async () => {
  const { store, pull, there } = await begin();
  await pull('hf:owner/repo/big-00001-of-00002.gguf');
  await store.remove('big-00001-of-00002.gguf', never);
  expect(await there()).toEqual([]);
  for (const name of ['gone.gguf', '../model.gguf', '/etc/passwd', '', 'a.txt']) {
    await expect(store.remove(name, never)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  }
});

it('leaves a file alone that lies elsewhere', async () => {
  const elsewhere = join(tmpdir(), 'elsewhere.gguf');
  const { store } = await begin({}, { pathOf: async () => elsewhere });
  await expect(store.remove('elsewhere.gguf', never)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
});

it.each([
  'https://evil.example/model.gguf',
  'hf:https://evil.example/model.gguf',
  'hf://evil.example/model.gguf',
  'hf:owner/model.gguf',
  'hf:owner/repo/model.bin',
  'hf:owner/repo/../../x.gguf',
  'hf:../../x/y.gguf',
  'hf:owner/repo/.hidden.gguf',
  'hf:owner/repo/a b.gguf',
  'hf:owner/repo/x.gguf?y=1',
  'hf:owner/repo/x.gguf#../..',
  'hf:owner/repo:',
  'hf:owner/repo/x:Q4',
  'hf:owner@evil.example/repo/x.gguf',
  '',
  `hf:owner/repo/${'x'.repeat(600)}.gguf`,
])('refuses %j as the source of a model', (source) => {
  expect(() => readHubSource(source, 'model')).toThrow(/is pulled as llama-cpp\/hf:owner/);
});
