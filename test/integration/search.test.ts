import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeAnyId, encodeId } from '../../src/graphql/ids.ts';
import { failure } from '../support/errors.ts';
import { type ScriptedUpstream, startScriptedUpstream } from '../support/scripted-upstream.ts';
import { createMemoryVectors, createTopicEmbedder, seedFile } from '../support/seeded-files.ts';
import { type Data, type Engine, lent, startTestServer, type TestServer, type TestUser } from '../support/server.ts';
import { statementsOf } from '../support/statements.ts';

const SEARCH = `query ($input: SearchInput!) { search(input: $input) {
  fileName text page start end score denseRank lexicalRank rerankScore file { id name }
} }`;

describe.each<Engine>(['pglite', 'postgresql'])('search on %s', (engine) => {
  const vectors = createMemoryVectors();
  const topics = [
    ['car', 'automobile'],
    ['sea', 'ocean'],
  ];
  const embedders = ['ollama/one', 'openai/two'].map((model) => createTopicEmbedder(model, topics));
  const [one, two] = embedders as [(typeof embedders)[0], (typeof embedders)[0]];
  let upstream: ScriptedUpstream;
  let server: TestServer;
  let user: TestUser;
  let files: string[];
  let rerankAnswer = '';

  beforeAll(async () => {
    upstream = await startScriptedUpstream({ script: () => ({ tokens: [rerankAnswer] }) });
    server = await startTestServer({
      engine,
      shared: true,
      openAiUrl: upstream.url,
      environment: { DEFAULT_MODEL: 'openai/scripted' },
      overrides: {
        knowledge: { vectors, embedderFor: (model) => embedders.find((known) => known.model === model) ?? null },
      },
    });
    user = await server.register();
    files = [
      await seedFile(server, user, {
        name: 'rivers.txt',
        chunks: ['  The river is long.\n\n', 'The river is deep. ', 'Fish live there.'],
      }),
      await seedFile(server, user, { name: 'cars.txt', chunks: ['An automobile has wheels.'], embedder: one }, vectors),
      await seedFile(
        server,
        user,
        { name: 'more-cars.txt', chunks: ['Each automobile has doors.'], embedder: two },
        vectors,
      ),
    ];
  });
  afterAll(async () => {
    await server.close();
    await upstream.close();
  });

  const trySearch = (input: object, token = user.token) => server.request(SEARCH, { input }, token);
  const search = async (input: object, token = user.token): Promise<Data[]> =>
    (await server.data(SEARCH, { input }, token)).search;
  const names = (found: Data[]) => found.map(({ fileName }) => fileName);

  it('gives chunks, best first, trimmed, with their offsets', async () => {
    const found = await search({ text: 'deep river' });
    expect(found.map(({ text, start, end }) => [text, start, end])).toEqual([
      ['The river is deep.', 22, 40],
      ['The river is long.', 2, 20],
    ]);
    expect(found[0]).toMatchObject({
      file: { id: files[0], name: 'rivers.txt' },
      page: null,
      lexicalRank: 1,
      denseRank: null,
    });
    expect(found[0]?.score).toBeGreaterThan(found[1]?.score);
    expect(await search({ text: 'deep river', limit: 1 })).toEqual([found[0]]);
  });

  it('finds by meaning in files of every embedding model at once', async () => {
    const found = await search({ text: 'car' });
    expect(new Set(names(found))).toEqual(new Set(['cars.txt', 'more-cars.txt']));
    expect(found.map(({ denseRank, lexicalRank }) => [denseRank, lexicalRank])).toEqual([
      [1, null],
      [1, null],
    ]);
    expect(names(await search({ text: 'car', fileIds: [files[2]] }))).toEqual(['more-cars.txt']);
  });

  it('has nothing for who has nothing, in nothing, and for what stands nowhere', async () => {
    const stranger = await server.register();
    expect(await search({ text: 'river' }, stranger.token)).toEqual([]);
    expect(await search({ text: 'river', fileIds: [] })).toEqual([]);
    expect(await search({ text: 'river', collectionIds: [] })).toEqual([]);
    expect(await search({ text: 'xylophone', fileIds: [files[0]] })).toEqual([]);
  });

  it('is not found what is another’s: one answer for that and for what is not there', async () => {
    const stranger = await server.register();
    const answers = [];
    for (const id of [files[0] ?? '', encodeId('File', randomUUID())]) {
      answers.push(JSON.stringify(await trySearch({ text: 'river', fileIds: [id] }, stranger.token)));
    }
    const made = await server.data('mutation { createCollection(name: "c") { id } }', {}, user.token);
    for (const id of [made.createCollection.id, encodeId('Collection', randomUUID())]) {
      answers.push(JSON.stringify(await trySearch({ text: 'river', collectionIds: [id] }, stranger.token)));
    }
    expect(answers[0]).toBe(answers[1]);
    expect(answers[2]).toBe(answers[3]);
    for (const answer of answers) expect(answer).toContain('"code":"NOT_FOUND"');
    expect(await search({ text: 'river', collectionIds: [made.createCollection.id] })).toEqual([]);
  });

  it('does not show what an index holds of another scope, an older generation or a deleted file', async () => {
    const stranger = await server.register();
    const theirs = decodeAnyId(await seedFile(server, stranger, { chunks: ['The river is secret.'] })).id;
    const mine = decodeAnyId(files[0] ?? '').id;
    const hit = (fileId: string, generation: number, chunk: number) => ({
      fileId,
      generation,
      chunk,
      score: 1,
      matched: 1,
    });
    const hits = [hit(theirs, 1, 0), hit(mine, 2, 0), hit(randomUUID(), 1, 0), hit(mine, 1, 77), hit(mine, 1, 1)];
    const words = { search: async () => hits, dispose: async () => {} } as never;
    const lying = await startTestServer({
      overrides: { database: lent(server.app.database), knowledge: { words } },
    });
    const { search: found } = await lying.data(SEARCH, { input: { text: 'river', limit: 1 } }, user.token);
    expect(found.map(({ text }: Data) => text)).toEqual(['The river is deep.']);
    expect(found[0].lexicalRank).toBe(5);
  });

  it('answers with what there is when a leg is down, and fails when all are', async () => {
    vectors.fault = new Error('down');
    try {
      expect(names(await search({ text: 'automobile doors' }))[0]).toBe('more-cars.txt');
      const words = { search: async () => Promise.reject(new Error('down')), dispose: async () => {} } as never;
      const database = lent(server.app.database);
      const embedderFor = () => one;
      const broken = await startTestServer({ overrides: { database, knowledge: { words, vectors, embedderFor } } });
      const refused = await broken.request(SEARCH, { input: { text: 'car' } }, user.token);
      expect(failure(refused)).toMatchObject({ code: 'UNAVAILABLE' });
      vectors.fault = null;
      expect((await broken.data(SEARCH, { input: { text: 'car' } }, user.token)).search).not.toEqual([]);
    } finally {
      vectors.fault = null;
    }
  });

  it('has a model put what was found into order, and keeps the order where it does not', async () => {
    const plain = await search({ text: 'river' });
    expect(plain).toHaveLength(2);
    rerankAnswer = '{"scores":[{"id":1,"score":2},{"id":2,"score":8}]}';
    const ordered = await search({ text: 'river', rerank: true });
    expect(ordered.map(({ text, rerankScore }) => [text, rerankScore])).toEqual([
      [plain[1]?.text, 0.8],
      [plain[0]?.text, 0.2],
    ]);
    expect(await search({ text: 'river', rerank: true, limit: 1 })).toEqual([ordered[0]]);
    rerankAnswer = 'sorry';
    expect(await search({ text: 'river', rerank: true })).toEqual(plain);
  });

  it.each([
    [{ text: '' }, 'input.text'],
    [{ text: ' \n' }, 'input.text'],
    [{ text: 'nul\0' }, 'input.text'],
    [{ text: 'x'.repeat(2_001) }, 'input.text'],
    [{ text: 'x', limit: 0 }, 'input.limit'],
    [{ text: 'x', limit: 51 }, 'input.limit'],
    [{ text: 'x', fileIds: ['nonsense'] }, 'input.fileIds'],
    [{ text: 'x', collectionIds: [encodeId('File', randomUUID())] }, 'input.collectionIds'],
    [{ text: 'x', fileIds: Array.from({ length: 501 }, () => encodeId('File', randomUUID())) }, 'input.fileIds'],
  ])('refuses %j', async (input, field) => {
    const { code, fields } = failure(await trySearch(input));
    expect(code).toBe('BAD_USER_INPUT');
    expect(Object.keys(fields ?? {})).toEqual([field]);
  });

  it.each(['?', 'the of and', '"; DROP TABLE files; --', '\ud83d lone', '%_\\', 'ünïcode 漢字 🤔', "it's"])(
    'takes %j',
    async (text) => expect(Array.isArray(await search({ text }))).toBe(true),
  );

  it('is a handful of statements, with the files of all that is found', async () => {
    await search({ text: 'river automobile car' });
    const statements = await statementsOf(() => search({ text: 'river automobile car', limit: 50 }));
    // Scopes, spaces, words (versions and blocks), chunks, files.
    expect(statements.length, statements.join('\n\n')).toBeLessThanOrEqual(6);
  });
});
