import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, inject, it, onTestFinished } from 'vitest';
import { childProcesses } from '../support/child-processes.ts';
import { runCommand, startCommand } from '../support/command.ts';
import { createPostgresDatabase } from '../support/database.ts';
import { parseExposition } from '../support/exposition.ts';
import { temporaryFolder } from '../support/main-process.ts';
import { startScriptedUpstream } from '../support/scripted-upstream.ts';
import { type Data, PASSWORD, subscribe } from '../support/server.ts';
import { words } from '../support/stream-plan.ts';
import { CHAT, chatInput } from '../support/turns.ts';

const ANSWER = words('One word after another, for as long as it takes to be seen. ');

/** Two workers behind one port. `output` is what has been printed so far. */
async function startWorkers() {
  const { url, drop } = await createPostgresDatabase();
  onTestFinished(drop);
  const upstream = await startScriptedUpstream({ plans: { slow: { tokens: ANSWER, intervalMs: 100 } } });
  onTestFinished(() => upstream.close());
  const { child } = await startCommand(['serve', '--port', '0', '--workers', '2'], {
    environment: {
      NODE_ENV: 'test',
      LOG_FORMAT: 'json',
      DATABASE_URL: url,
      DATABASE_POOL_SIZE: '3',
      REDIS_URL: inject('redisUrl'),
      REDIS_KEY_PREFIX: `test-${randomUUID()}`,
      DATA_DIR: join(await temporaryFolder(), 'data'),
      OPENAI_BASE_URL: upstream.url,
      OPENAI_API_KEY: 'key-for-tests',
      DEFAULT_MODEL: 'openai/slow',
      MODEL_RETRIES: '0',
      TURNS_PER_MINUTE: '0',
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk));
  const exited = once(child, 'exit');
  const shown = async (pattern: RegExp) => {
    await expect.poll(() => output, { timeout: 120_000 }).toMatch(pattern);
    return pattern.exec(output)?.[1] ?? '';
  };
  const address = await shown(/Health +(\S+)\/health[\s\S]*Workers +2/);
  const graphqlUrl = `${address}/graphql`;
  return {
    child,
    shown,
    exited,
    workers: () => childProcesses('main.ts', child.pid),
    server: { url: address, graphqlUrl, socketUrl: graphqlUrl.replace('http', 'ws') },
  };
}

async function register(graphqlUrl: string): Promise<string> {
  const query = `mutation { register(input: { username: "ada", password: "${PASSWORD}" }) { accessToken } }`;
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(graphqlUrl, { method: 'POST', headers, body: JSON.stringify({ query }) });
  return ((await response.json()) as { data: { register: { accessToken: string } } }).data.register.accessToken;
}

async function answerOf(events: AsyncIterableIterator<{ data?: Data | null; errors?: readonly unknown[] }>) {
  let text = '';
  for await (const { data, errors } of events) {
    if (errors || data?.chat.error) throw new Error(JSON.stringify(errors ?? data?.chat.error));
    text += data?.chat.text ?? '';
  }
  return text;
}

it('serves over both transports behind one port, starts another worker for one that was killed, and drains', async () => {
  const { child, server, workers, shown, exited } = await startWorkers();
  const token = await register(server.graphqlUrl);
  expect(await workers()).toHaveLength(2);
  const streams = (['ws', 'sse'] as const).map((transport) =>
    answerOf(subscribe(server, transport, token, CHAT, { input: chatInput('slow') })),
  );
  expect(await Promise.all(streams)).toEqual([ANSWER.join(''), ANSWER.join('')]);

  // A scrape reads one of them, and says which: figures of several are no series.
  const metrics = parseExposition(await (await fetch(`${server.url}/metrics`)).text());
  const labels = [...metrics.values()].flatMap(({ samples }) => samples.map((sample) => sample.labels.worker));
  expect(['1', '2']).toContain(labels[0]);
  expect(new Set(labels).size).toBe(1);

  const [victim] = await workers();
  process.kill(victim ?? 0, 'SIGKILL');
  await shown(/"name":"first process","msg":"A worker has ended with SIGKILL\. Another one is started in (500) ms\."/);
  await expect.poll(workers, { timeout: 60_000 }).toHaveLength(2);
  expect(await workers()).not.toContain(victim);
  expect((await fetch(`${server.url}/ready`)).status).toBe(200);

  // What is being answered is finished first; its watcher sees the end.
  const last = subscribe(server, 'ws', token, CHAT, { input: chatInput('slow') });
  await last.next();
  child.kill('SIGTERM');
  expect(await answerOf(last)).toBe(ANSWER.join(''));
  expect(await exited).toEqual([0, null]);
  await shown(/"name":"worker \d","msg":"(1) answers are being finished/);
}, 240_000);

it('refuses several workers that would share nothing', async () => {
  expect(await runCommand(['serve', '--workers', '2'])).toMatchObject({
    code: 2,
    output: '',
    errors: expect.stringContaining('Set DATABASE_URL and REDIS_URL'),
  });
  const environment = { DATABASE_URL: 'postgresql://127.0.0.1:9/x', REDIS_URL: 'redis://127.0.0.1:9' };
  const chroma = { ...environment, EMBEDDING_MODEL: 'ollama/nomic-embed-text' };
  expect(await runCommand(['serve', '--workers', '2'], { environment: chroma })).toMatchObject({
    code: 2,
    errors: expect.stringContaining('Set CHROMA_URL'),
  });
  expect(await runCommand(['serve', '--workers', '2'], { environment })).toMatchObject({
    code: 1,
    errors: expect.stringContaining('Colloquy cannot start: The database at DATABASE_URL cannot be reached'),
  });
  // Before the database is asked, as by a server of one process.
  const named = { ...environment, RERANK_MODEL: 'nobody/has-it' };
  expect(await runCommand(['serve', '--workers', '2'], { environment: named })).toMatchObject({
    code: 1,
    errors: expect.stringContaining('Colloquy cannot start: RERANK_MODEL'),
  });
  expect(await runCommand(['serve', '--workers', '0'])).toMatchObject({ code: 2 });
}, 240_000);
