import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createChromaIndex } from '../../src/adapters/vectors/chroma-index.ts';
import { type ScriptedOllama, startScriptedOllama } from '../support/scripted-ollama.ts';
import { type Data, startTestServer, type TestServer } from '../support/server.ts';
import { startChroma } from '../support/services/chroma.ts';
import { postFile } from '../support/uploads.ts';

const HEALTH = 'query { health { status components { name status latencyMs message } } }';
const FILE = 'query ($id: ID!) { file(id: $id) { status embeddingModel } }';
const SEARCH = 'query ($input: SearchInput!) { search(input: $input) { fileName text denseRank lexicalRank } }';
/** Words that the lexical index leaves out: only a vector finds them. */
const MEANING = 'to be or not to be';

async function startOllama(): Promise<ScriptedOllama> {
  const ollama = await startScriptedOllama({ models: [] });
  onTestFinished(ollama.close);
  return ollama;
}

async function startEmbedding(environment: Record<string, string>): Promise<TestServer> {
  const ollama = await startOllama();
  return startTestServer({
    environment: { EMBEDDING_MODEL: 'ollama/nomic-embed-text', OLLAMA_BASE_URL: ollama.url, ...environment },
  });
}

async function chromaHealth(server: TestServer): Promise<Data> {
  const { health } = await server.data(HEALTH);
  return health.components.find(({ name }: Data) => name === 'chroma');
}

async function upload(server: TestServer, token: string, name: string, text: string): Promise<string> {
  const { body } = await postFile(server, text, { token, name });
  const id = body.file?.id as string;
  await expect
    .poll(async () => (await server.data(FILE, { id }, token)).file.status, { timeout: 15_000 })
    .toMatch(/READY|FAILED/);
  return id;
}

const ask = async (server: TestServer, token: string, text: string): Promise<Data[]> =>
  (await server.data(SEARCH, { input: { text } }, token)).search;

it('finds by meaning with a Chroma of its own, in DATA_DIR, and forgets what is deleted', async () => {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'colloquy-data-'));
  onTestFinished(() => rm(dataDirectory, { recursive: true, force: true, maxRetries: 5 }));
  const server = await startEmbedding({ DATA_DIR: dataDirectory });
  const { token } = await server.register();
  const id = await upload(server, token, 'hamlet.txt', `${MEANING}, that is the question.`);
  await upload(server, token, 'weather.txt', 'Rain falls in the mountains.');
  expect((await server.data(FILE, { id }, token)).file).toEqual({
    status: 'READY',
    embeddingModel: 'ollama/nomic-embed-text',
  });
  const [best] = await ask(server, token, MEANING);
  expect(best).toMatchObject({ fileName: 'hamlet.txt', denseRank: 1 });
  expect(await chromaHealth(server)).toMatchObject({ status: 'OK', latencyMs: expect.any(Number), message: null });
  await server.data('mutation ($id: ID!) { deleteFile(id: $id) }', { id }, token);
  expect((await ask(server, token, MEANING)).map(({ fileName }) => fileName)).not.toContain('hamlet.txt');
});

it('uses the Chroma of CHROMA_URL, and removes the vectors of what is deleted', async () => {
  const chroma = await startChroma();
  onTestFinished(chroma.stop);
  const server = await startEmbedding({ CHROMA_URL: await chroma.server.url(), DATA_DIR: '/nowhere' });
  const user = await server.register();
  const index = createChromaIndex({ connect: chroma.server.url });
  onTestFinished(index.dispose);
  const id = await upload(server, user.token, 'hamlet.txt', `${MEANING}, that is the question.`);
  const [file] = await server.app.database.sql.query<{ scopeId: string }>('SELECT scope_id AS "scopeId" FROM files');
  const space = { scopeId: file?.scopeId ?? '', model: 'ollama/nomic-embed-text' };
  expect(await index.count(space)).toBe(1);
  await server.data('mutation ($id: ID!) { deleteFile(id: $id) }', { id }, user.token);
  await expect.poll(() => index.count(space), { timeout: 10_000 }).toBe(0);
});

it('goes on by words alone while Chroma is away, and says so', async () => {
  const server = await startEmbedding({ CHROMA_URL: 'http://chroma.invalid:8000' });
  expect(await chromaHealth(server)).toMatchObject({ status: 'DEGRADED', message: 'Chroma cannot be reached.' });
  const { health } = await server.data(HEALTH);
  expect(health.status).toBe('DEGRADED');
});

it('is disabled without an embedding model', async () => {
  const server = await startTestServer();
  expect(await chromaHealth(server)).toMatchObject({ status: 'DISABLED' });
});

it('does not start with a model that cannot be had', async () => {
  const environment = { EMBEDDING_MODEL: 'builtin/extractive' };
  await expect(startTestServer({ environment })).rejects.toThrow('builtin has no embedding model');
});
