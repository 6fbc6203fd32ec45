import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { createProgressBar } from '../../src/cli/progress-bar.ts';
import { formatBytes } from '../../src/util/format-bytes.ts';
import { startCommand } from '../support/command.ts';
import { codeOf, failure } from '../support/errors.ts';
import { type HubPlan, startScriptedHub } from '../support/scripted-hub.ts';
import { type ScriptedPull, startScriptedOllama } from '../support/scripted-ollama.ts';
import { type Data, startTestServer, subscribe, type TestServer, type TestUser } from '../support/server.ts';
import { writeTinyChatModel } from '../support/tiny-gguf.ts';
import { chatInput, SEND } from '../support/turns.ts';

const FIELDS = 'model status completedBytes totalBytes bytesPerSecond done error';
const PULL = `mutation ($model: String!) { pullModel(model: $model) { ${FIELDS} } }`;
const CANCEL = 'mutation ($model: String!) { cancelModelPull(model: $model) }';
const REMOVE = 'mutation ($model: String!) { removeModel(model: $model) }';
const WATCH = `subscription ($model: String!) { modelPull(model: $model) { ${FIELDS} } }`;
const PULLS = `{ modelPulls { ${FIELDS} } }`;
const MODELS = '{ models { id isDefault } }';
const GGUF = 'llama-cpp/hf:owner/repo/tiny.gguf';

let model: Buffer;
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-pulls-'));
  await writeTinyChatModel(join(folder, 'tiny.gguf'));
  model = await readFile(join(folder, 'tiny.gguf'));
  await rm(folder, { recursive: true });
});

async function begin(
  options: { plan?: HubPlan; pulls?: Record<string, ScriptedPull>; environment?: Record<string, string> } = {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-pulls-'));
  const files = {
    'owner/repo/tiny.gguf': model,
    'owner/repo/text.gguf': Buffer.from('This is no model. '.repeat(900)),
  };
  const hub = await startScriptedHub({ files, plan: () => options.plan });
  const ollama = await startScriptedOllama({ models: [], pulls: options.pulls ?? {} });
  onTestFinished(async () => {
    await Promise.all([hub.close(), ollama.close()]);
    await rm(folder, { recursive: true, force: true });
  });
  const environment = {
    HF_ENDPOINT: hub.url,
    OLLAMA_BASE_URL: ollama.url,
    MODELS_DIR: join(folder, 'models'),
    MODEL_N_THREADS: '1',
    ...options.environment,
  };
  return { hub, ollama, folder: join(folder, 'models'), environment };
}

async function withServer(options: Parameters<typeof begin>[0] = {}) {
  const world = await begin(options);
  const server = await startTestServer({ environment: world.environment });
  return { ...world, server, admin: await server.register() };
}

/** All that a watcher is told, to the end. */
async function watch(server: TestServer, user: TestUser, id: string): Promise<Data[]> {
  const states: Data[] = [];
  for await (const { data, errors } of subscribe(server, 'ws', user.token, WATCH, { model: id })) {
    if (errors) throw new Error(JSON.stringify(errors));
    states.push(data?.modelPull);
  }
  return states;
}

describe('pullModel', () => {
  it('gets a file of the hub, which answers at once, as the default where there was none', async () => {
    const { server, admin, folder } = await withServer({ plan: { pauseMs: 10 } });
    expect((await server.data(MODELS, {}, admin.token)).models).toEqual([
      { id: 'builtin/extractive', isDefault: true },
    ]);
    const { pullModel } = await server.data(PULL, { model: GGUF }, admin.token);
    expect(pullModel).toMatchObject({ model: GGUF, error: null });
    const states = await watch(server, admin, GGUF);
    expect(states.at(-1)).toEqual({
      model: GGUF,
      status: 'done',
      completedBytes: model.length,
      totalBytes: model.length,
      bytesPerSecond: null,
      done: true,
      error: null,
    });
    expect(await readdir(folder)).toEqual(['tiny.gguf']);
    expect((await server.data(MODELS, {}, admin.token)).models).toEqual([
      { id: 'llama-cpp/tiny.gguf', isDefault: true },
      { id: 'builtin/extractive', isDefault: false },
    ]);
    const input = { turnKey: randomUUID(), text: 'hello', options: { maxTokens: 5 } };
    const { sendMessage } = await server.data(SEND, { input, wait: true }, admin.token);
    expect(sendMessage).toMatchObject({ model: 'llama-cpp/tiny.gguf', status: 'COMPLETE' });
  });

  it('is one pull for all who ask, and shows bytes and their rate', async () => {
    const { server, admin, hub } = await withServer({ plan: { pauseMs: 100 } });
    const asked = await Promise.all([1, 2, 3].map(() => server.data(PULL, { model: GGUF }, admin.token)));
    expect(asked.map(({ pullModel }) => pullModel.done)).toEqual([false, false, false]);
    const all = await Promise.all([1, 2].map(() => watch(server, admin, GGUF)));
    for (const states of all) {
      const downloading = states.filter(({ status }) => status === 'downloading');
      expect(downloading.length).toBeGreaterThan(1);
      expect(downloading.at(-1)?.bytesPerSecond).toBeGreaterThan(1_000);
      expect(states.filter(({ done }) => done)).toHaveLength(1);
    }
    expect(hub.storage.requests).toHaveLength(1);
  });

  it('can be cancelled, and goes on where it was', async () => {
    const { server, admin, hub, folder } = await withServer({ plan: { pauseMs: 100 } });
    await server.data(PULL, { model: GGUF }, admin.token);
    await expect.poll(() => hub.sent()).toBeGreaterThan(100_000);
    await server.data(CANCEL, { model: GGUF }, admin.token);
    expect((await watch(server, admin, GGUF)).at(-1)).toMatchObject({ done: true, status: 'failed' });
    expect((await readdir(folder)).filter((name) => name.endsWith('.gguf'))).toEqual([]);
    await server.data(PULL, { model: GGUF }, admin.token);
    expect((await watch(server, admin, GGUF)).at(-1)).toMatchObject({ done: true, error: null });
    expect(hub.storage.requests.at(-1)?.headers.range).toMatch(/^bytes=[1-9]/);
  });

  it.each<[string, string, HubPlan | undefined, RegExp]>([
    ['that the hub does not have', 'llama-cpp/hf:owner/repo/gone.gguf', undefined, /No such file in owner\/repo/],
    ['of a repository that there is not', 'llama-cpp/hf:owner/gone/x.gguf', undefined, /No such file in owner\/gone/],
    ['that is not for everybody', GGUF, { status: 403 }, /HF_TOKEN/],
    [
      'that is no model',
      'llama-cpp/hf:owner/repo/text.gguf',
      undefined,
      /was pulled, and removed again. It is not a GGUF file/,
    ],
    ['that Ollama does not know', 'ollama/nothing', undefined, /No such model nothing that Ollama could pull/],
  ])('says at once what is wrong with a model %s, and leaves nothing', async (_name, id, plan, message) => {
    const { server, admin, folder } = await withServer({ ...(plan && { plan }) });
    const { pullModel } = await server.data(PULL, { model: id }, admin.token);
    const [last] = (await watch(server, admin, id)).slice(-1);
    expect(last).toMatchObject({ status: 'failed', done: true });
    expect(last?.error).toMatch(message);
    expect([null, last?.error]).toContain(pullModel.error);
    expect(await readdir(folder).catch(() => [])).toEqual([]);
    expect((await server.data('{ health { status } }')).health.status).toBe('DEGRADED');
  });

  it('is for admins, of sources that there are', async () => {
    const { server, admin } = await withServer();
    const user = await server.register();
    for (const document of [PULL, PULLS, CANCEL, REMOVE]) {
      expect(codeOf(await server.request(document, { model: GGUF }, user.token))).toBe('FORBIDDEN');
    }
    expect(codeOf(await server.request('{ modelFiles(source: "llama-cpp/hf:a/b") { name } }', {}, user.token))).toBe(
      'FORBIDDEN',
    );
    for await (const { errors } of subscribe(server, 'ws', user.token, WATCH, { model: GGUF })) {
      expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    }
    for (const id of [
      'openai/gpt',
      'builtin/extractive',
      'llama-cpp/https://evil.example/x.gguf',
      'llama-cpp/../x.gguf',
      'nonsense',
      `ollama/${'x'.repeat(700)}`,
      'ollama/a b',
    ]) {
      const refused = await server.request(PULL, { model: id }, admin.token);
      expect({ id, code: failure(refused).code }).toEqual({ id, code: 'BAD_USER_INPUT' });
    }
    const [unknown] = await watch(server, admin, 'ollama/never-asked-for');
    expect(unknown).toMatchObject({ done: true, error: 'Nobody is pulling this model.' });
  });

  it('is listed while it goes on, also one of the command line, once each', async () => {
    const { server, admin, environment, hub } = await withServer({ plan: { pauseMs: 150 } });
    const pulls = async (): Promise<Data[]> => (await server.data(PULLS, {}, admin.token)).modelPulls;
    expect(await pulls()).toEqual([]);
    await server.data(PULL, { model: GGUF }, admin.token);
    await expect.poll(() => hub.sent()).toBeGreaterThan(50_000);
    expect(await pulls()).toEqual([expect.objectContaining({ model: GGUF, status: 'downloading', done: false })]);
    await server.data(CANCEL, { model: GGUF }, admin.token);
    await expect.poll(pulls).toEqual([]);

    const command = await startCommand(['models', 'pull', GGUF], { environment });
    await expect.poll(pulls, { timeout: 15_000 }).toEqual([
      {
        model: 'llama-cpp/tiny.gguf',
        status: 'elsewhere',
        completedBytes: expect.any(Number),
        totalBytes: model.length,
        bytesPerSecond: null,
        done: false,
        error: null,
      },
    ]);
    expect(await command.ended()).toMatchObject({ code: 0 });
    expect(await pulls()).toEqual([]);
    expect((await server.data(MODELS, {}, admin.token)).models[0]?.id).toBe('llama-cpp/tiny.gguf');
  });

  it('gets models of Ollama through it, layer by layer', async () => {
    const { server, admin } = await withServer({ pulls: { 'llama3.2:3b': { layers: [800, 200], pauseMs: 60 } } });
    await server.data(PULL, { model: 'local/llama3.2:3b' }, admin.token);
    const states = await watch(server, admin, 'ollama/llama3.2:3b');
    expect(states.at(-1)).toMatchObject({ done: true, error: null, completedBytes: 1_000, totalBytes: 1_000 });
    expect((await server.data(MODELS, {}, admin.token)).models[0]).toEqual({
      id: 'ollama/llama3.2:3b',
      isDefault: true,
    });
    expect((await server.data(REMOVE, { model: 'ollama/llama3.2:3b' }, admin.token)).removeModel).toBe(
      'ollama/llama3.2:3b',
    );
    expect((await server.data(MODELS, {}, admin.token)).models.map(({ id }: Data) => id)).toEqual([
      'builtin/extractive',
    ]);
    expect(codeOf(await server.request(REMOVE, { model: 'ollama/llama3.2:3b' }, admin.token))).toBe('NOT_FOUND');
  });

  it.each<[ScriptedPull['fault'], RegExp]>([
    ['cut', /ollama broke the connection/],
    ['error', /could not pull the model: no space left on device/],
  ])('says why Ollama could not (%s)', async (fault, message) => {
    const { server, admin } = await withServer({ pulls: { broken: { layers: [800, 200], pauseMs: 20, fault } } });
    await server.data(PULL, { model: 'ollama/broken' }, admin.token);
    const [last] = (await watch(server, admin, 'ollama/broken')).slice(-1);
    expect(last).toMatchObject({ done: true, error: expect.stringMatching(message) });
  });

  it('is watched, and cancelled, from another server', async () => {
    const shared = { REDIS_URL: inject('redisUrl'), REDIS_KEY_PREFIX: `test-${process.pid}-${Date.now()}` };
    const { environment, hub } = await begin({ plan: { pauseMs: 150 }, environment: shared });
    const here = await startTestServer({ environment });
    const there = await startTestServer({ environment });
    const [admin, other] = [await here.register(), await there.register()];
    await here.data(PULL, { model: GGUF }, admin.token);
    await expect.poll(() => hub.sent()).toBeGreaterThan(50_000);
    const listed = (await there.data(PULLS, {}, other.token)).modelPulls;
    const states: Data[] = [];
    for await (const { data } of subscribe(there, 'sse', other.token, WATCH, { model: GGUF })) {
      if (states.push(data?.modelPull) === 1) await there.data(CANCEL, { model: GGUF }, other.token);
    }
    expect(listed).toEqual([expect.objectContaining({ model: GGUF, status: 'downloading', done: false })]);
    expect(states[0]).toMatchObject({ status: 'downloading', done: false });
    expect(states.at(-1)).toMatchObject({ status: 'failed', error: expect.stringContaining('cancelled') });
  });
});

describe('removeModel', () => {
  it('deletes the file, also of a model that is in memory', async () => {
    const { server, admin, folder } = await withServer();
    await mkdir(folder, { recursive: true });
    await writeTinyChatModel(join(folder, 'mine.gguf'));
    const input = () => ({ ...chatInput('x', { options: { maxTokens: 3 } }), model: 'llama-cpp/mine.gguf' });
    expect((await server.data(SEND, { input: input(), wait: true }, admin.token)).sendMessage.status).toBe('COMPLETE');
    await server.data(REMOVE, { model: 'llama-cpp/mine.gguf' }, admin.token);
    expect(await readdir(folder)).toEqual([]);
    expect((await server.data(SEND, { input: input(), wait: true }, admin.token)).sendMessage.status).toBe('FAILED');
    expect(codeOf(await server.request(REMOVE, { model: 'llama-cpp/mine.gguf' }, admin.token))).toBe('NOT_FOUND');
    expect(codeOf(await server.request(REMOVE, { model: 'llama-cpp/../mine.gguf' }, admin.token))).toBe('NOT_FOUND');
  });
});

describe('colloquy models', () => {
  const start = (environment: Record<string, string>, ...words: string[]) =>
    startCommand(['models', ...words], { environment });
  const run = async (environment: Record<string, string>, ...words: string[]) =>
    (await start(environment, ...words)).ended();

  it('lists, pulls and removes, with no server running', async () => {
    const { environment, folder } = await begin();
    const offered = await run(environment, 'pull', '--list-files', 'llama-cpp/hf:owner/repo');
    expect(offered).toMatchObject({ code: 0, output: expect.stringMatching(/tiny\.gguf +\d+ kB/) });
    const pulled = await run(environment, 'pull', GGUF);
    expect(pulled).toMatchObject({ code: 0, errors: '' });
    expect(pulled.output).toMatch(/downloading .*100 %/);
    expect(pulled.output).toContain(`${GGUF} is there.`);
    const listed = await run(environment, 'list');
    expect(listed.output).toMatch(/llama-cpp\/tiny\.gguf \(default\) +647 kB +F32 +4096 tokens/);
    const { models } = JSON.parse((await run(environment, 'list', '--json')).output);
    expect(models[0]).toMatchObject({ id: 'llama-cpp/tiny.gguf', isDefault: true, sizeBytes: model.length });
    expect(await run(environment, 'remove', 'llama-cpp/tiny.gguf')).toMatchObject({ code: 0 });
    expect(await readdir(folder)).toEqual([]);
    expect(await run(environment, 'remove', 'llama-cpp/tiny.gguf')).toMatchObject({
      code: 4,
      errors: 'No such model.\n',
    });
    expect(await run(environment, 'pull', 'openai/gpt')).toMatchObject({ code: 2 });
    expect(await run(environment, 'frobnicate')).toMatchObject({ code: 2 });
    expect(await run(environment, '--help')).toMatchObject({
      code: 0,
      output: expect.stringContaining('colloquy models pull --list-files'),
    });
  });

  it('goes on at the next call where Ctrl-C left it, or a kill', async () => {
    const { environment, hub, folder } = await begin({ plan: { pauseMs: 20 } });
    const interrupted = await start(environment, 'pull', GGUF);
    await expect.poll(() => hub.sent()).toBeGreaterThan(150_000);
    interrupted.child.kill('SIGINT');
    expect(await interrupted.ended()).toMatchObject({
      code: 130,
      output: expect.stringContaining('goes on where it was'),
    });
    const killed = await start(environment, 'pull', GGUF);
    const before = hub.sent();
    await expect.poll(() => hub.sent()).toBeGreaterThan(before + 100_000);
    killed.child.kill('SIGKILL');
    await killed.ended();
    expect((await readdir(folder)).filter((name) => name.endsWith('.gguf'))).toEqual([]);
    expect(await run(environment, 'pull', GGUF)).toMatchObject({ code: 0 });
    expect(await readFile(join(folder, 'tiny.gguf'))).toEqual(model);
    const starts = hub.storage.requests.map(({ headers }) => Number(/\d+/.exec(headers.range ?? '0')?.[0] ?? 0));
    expect(starts[0]).toBe(0);
    expect(starts[1]).toBeGreaterThan(50_000);
    expect(starts[2]).toBeGreaterThan(starts[1] ?? 0);
  });

  it('tells scripts in JSON', async () => {
    const { environment } = await begin();
    const steps = (await run(environment, 'pull', GGUF, '--json')).output.trimEnd().split('\n');
    expect(steps.map((line) => JSON.parse(line)).at(-1)).toMatchObject({ completedBytes: model.length });
    const removed = await run(environment, 'remove', 'llama-cpp/tiny.gguf', '--json');
    expect(JSON.parse(removed.output)).toEqual({ removed: 'llama-cpp/tiny.gguf' });
  });

  it.each([[['pull']], [['remove']], [['list', 'x']], [['pull', 'a', 'b']], [['list', '--frob']]])(
    'refuses what nobody can understand: %s',
    async (words) => {
      const refused = await run({}, ...words);
      expect(refused).toMatchObject({ code: 2, output: '' });
      expect(refused.errors).toContain('--help shows how it is called');
    },
  );

  it('shows a bar that says how long it will take', () => {
    const lines: string[] = [];
    let now = 0;
    const bar = createProgressBar({ write: (line) => lines.push(line), columns: 100, now: () => now });
    for (const completedBytes of [0, 250_000_000, 500_000_000, 1_000_000_000]) {
      bar.show({ status: 'downloading', completedBytes, totalBytes: 1_000_000_000 });
      now += 1_000;
    }
    bar.end();
    expect(lines[2]).toContain('████████████░░░░░░░░░░░░ 50 %  500 MB of 1.0 GB  250 MB/s  2 s left');
    expect(lines.at(-1)).toBe('\n');
    expect([0, 999, 1_000, 99_960, 1_500_000_000].map(formatBytes)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '100 kB',
      '1.5 GB',
    ]);
  });
});
