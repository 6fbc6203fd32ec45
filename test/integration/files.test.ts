import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeAnyId } from '../../src/graphql/ids.ts';
import { codeOf } from '../support/errors.ts';
import { type Data, startTestServer, subscribe, type TestServer, type TestUser } from '../support/server.ts';
import { statementsOf } from '../support/statements.ts';
import { postFile, settledBytes, someText } from '../support/uploads.ts';

const LIST = `query ($first: Int, $after: String, $last: Int, $before: String, $filter: FileFilter) {
  files(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
    totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { id name } }
  }
}`;
const RETRY = 'mutation ($id: ID!) { retryFile(id: $id) { status error progress attempts chunkCount } }';
const PROGRESS = 'subscription ($id: ID!) { fileProgress(id: $id) { file { id status progress error } } }';

describe.each(['pglite', 'postgresql'] as const)('files on %s', (engine) => {
  let server: TestServer;
  let user: TestUser;
  const errors: unknown[] = [];

  beforeAll(async () => {
    server = await startTestServer({ engine, shared: true, errors, environment: { WORKER_ENABLED: 'false' } });
    await server.register('the-admin');
    user = await server.register();
  });
  afterAll(() => server.close());

  async function upload(owner: TestUser, name = 'notes.txt', collectionId?: string): Promise<Data> {
    const target = { token: owner.token, name, ...(collectionId && { collectionId }) };
    return (await postFile(server, someText(), target)).body.file as Data;
  }
  const uuidOf = (file: Data) => decodeAnyId(file.id).id;
  const change = (file: Data, data: object) =>
    server.app.database.prisma.file.update({ where: { id: uuidOf(file) }, data });

  async function createCollection(owner: TestUser): Promise<string> {
    return (await server.data('mutation { createCollection(name: "C") { id } }', {}, owner.token)).createCollection.id;
  }

  describe('the list', () => {
    let reader: TestUser;
    let uploaded: Data[];
    const list = async (variables: object = {}) => (await server.data(LIST, { ...variables }, reader.token)).files;
    const names = (page: Data) => page.edges.map(({ node }: Data) => node.name);

    beforeAll(async () => {
      reader = await server.register();
      const collectionId = await createCollection(reader);
      uploaded = [];
      for (const [index, name] of ['One.txt', 'two.txt', '100%_sure.txt', 'Four.txt', 'five.txt'].entries()) {
        uploaded.push(await upload(reader, name, index > 2 ? collectionId : undefined));
      }
      // Of one moment: the order still is one.
      const createdAt = new Date('2026-01-02T03:04:05.678Z');
      for (const file of uploaded.slice(1, 4)) await change(file, { createdAt });
      await change(uploaded[0] as Data, { createdAt: new Date('2026-01-01T00:00:00Z'), status: 'FAILED' });
    });

    const ALL = ['five.txt', 'Four.txt', '100%_sure.txt', 'two.txt', 'One.txt'];

    test('has the newest first, of one user', async () => {
      const page = await list();
      expect(names(page)).toEqual(ALL);
      expect(page).toMatchObject({ totalCount: 5, pageInfo: { hasNextPage: false, hasPreviousPage: false } });
    });

    test('is paged both ways, without a gap', async () => {
      const forward: string[] = [];
      for (let after: string | null = null; ; ) {
        const page: Data = await list({ first: 2, after });
        forward.push(...names(page));
        expect(page.totalCount).toBe(5);
        after = page.pageInfo.endCursor;
        if (!page.pageInfo.hasNextPage) break;
      }
      expect(forward).toEqual(ALL);
      const backward: string[] = [];
      for (let before: string | null = null; ; ) {
        const page: Data = await list({ last: 2, before });
        backward.unshift(...names(page));
        before = page.pageInfo.startCursor;
        if (!page.pageInfo.hasPreviousPage) break;
      }
      expect(backward).toEqual(ALL);
    });

    test('is narrowed by status, collection and a part of the name', async () => {
      expect(names(await list({ filter: { status: 'FAILED' } }))).toEqual(['One.txt']);
      expect(names(await list({ filter: { status: 'QUEUED', text: 'F' } }))).toEqual(['five.txt', 'Four.txt']);
      expect(names(await list({ filter: { text: 'oNe' } }))).toEqual(['One.txt']);
      expect(names(await list({ filter: { text: '%_' } }))).toEqual(['100%_sure.txt']);
      const { file } = await server.data(
        'query ($id: ID!) { file(id: $id) { collection { id name fileCount } } }',
        { id: uploaded[4]?.id },
        reader.token,
      );
      expect(file.collection).toMatchObject({ name: 'C', fileCount: 2 });
      const filter = { collectionId: file.collection.id };
      expect(await list({ filter, first: 1 })).toMatchObject({ totalCount: 2, pageInfo: { hasNextPage: true } });
    });

    test('costs the same number of statements however long it is', async () => {
      const query = (first: number) => `{ files(first: ${first}) { totalCount edges { node {
        id name mimeType size sha256 status progress error attempts chunkCount pageCount textLength embeddingModel
        downloadUrl createdAt processedAt collection { id name fileCount chunkCount }
      } } } }`;
      const count = async (first: number) =>
        (await statementsOf(() => server.data(query(first), {}, reader.token))).length;
      expect([await count(1), await count(5)]).toEqual([3, 3]);
      const plain = await statementsOf(() => server.data('{ files { edges { node { name } } } }', {}, reader.token));
      expect(plain).toHaveLength(1);
    });
  });

  describe('the text', () => {
    const READ = 'query ($id: ID!, $start: Int, $end: Int) { file(id: $id) { text(start: $start, end: $end) } }';
    const text = async (file: Data, range: { start?: number; end?: number } = {}) =>
      (await server.data(READ, { id: file.id, ...range }, user.token)).file.text;

    test('is put together from the pieces of the live generation', async () => {
      const file = await upload(user);
      expect(await text(file)).toBeNull();
      const pieces = ['First. ', 'Second 👋. ', 'x'.repeat(30_000), ' End'];
      const data = (generation: number) => {
        let end = 0;
        return pieces.map((piece, index) => {
          const start = end;
          end += piece.length;
          return { fileId: uuidOf(file), generation, index, text: generation === 2 ? piece : '?', start, end };
        });
      };
      await server.app.database.prisma.chunk.createMany({ data: [...data(1), ...data(2), ...data(3)] });
      const whole = pieces.join('');
      await change(file, { liveGeneration: 2, generation: 3, textLength: whole.length });
      expect(await text(file)).toBe(whole.slice(0, 20_000));
      for (const [start, end] of [
        [0, 7],
        [3, 14],
        [7, 8],
        [16, 18],
        [29_000, 40_000],
        [whole.length - 4, whole.length],
        [100, 100],
        [200, 100],
        [whole.length, whole.length + 10],
        [2_000_000_000, 2_147_483_647],
      ] as const) {
        expect(await text(file, { start, end }), `${start} to ${end}`).toBe(whole.slice(start, end));
      }
      // Half of a character is no text.
      for (const start of [2_147_480_000, 2_147_483_647]) expect(await text(file, { start })).toBe('');
      expect([await text(file, { start: 14, end: 15 }), await text(file, { start: 15, end: 17 })]).toEqual(['', '.']);
      expect(codeOf(await server.request(READ, { id: file.id, start: -1 }, user.token))).toBe('BAD_USER_INPUT');
    });
  });

  describe('deleting', () => {
    test('takes the row, the chunks and, by a job, the bytes', async () => {
      const file = await upload(user);
      await server.app.database.prisma.chunk.create({
        data: { fileId: uuidOf(file), generation: 1, index: 0, text: 'x', start: 0, end: 1 },
      });
      const { deleteFile } = await server.data(
        'mutation ($id: ID!) { deleteFile(id: $id) }',
        { id: file.id },
        user.token,
      );
      expect(deleteFile).toBe(file.id);
      expect(await server.app.database.prisma.file.count({ where: { id: uuidOf(file) } })).toBe(0);
      expect(await server.app.database.prisma.chunk.count({ where: { fileId: uuidOf(file) } })).toBe(0);
      const again = await server.request('mutation ($id: ID!) { deleteFile(id: $id) }', { id: file.id }, user.token);
      expect(codeOf(again)).toBe('NOT_FOUND');
    });
  });

  describe('trying again', () => {
    test('is for files that have failed', async () => {
      const file = await upload(user);
      for (const status of ['QUEUED', 'PROCESSING', 'READY'] as const) {
        await change(file, { status });
        expect(codeOf(await server.request(RETRY, { id: file.id }, user.token))).toBe('CONFLICT');
      }
      await change(file, { status: 'FAILED', error: 'It has a password.', progress: 0.4, attempts: 3 });
      const { retryFile } = await server.data(RETRY, { id: file.id }, user.token);
      expect(retryFile).toMatchObject({ status: 'QUEUED', error: null, progress: 0, attempts: 0 });
      const row = await server.app.database.prisma.file.findUniqueOrThrow({ where: { id: uuidOf(file) } });
      expect(row.generation).toBe(2);
      expect(codeOf(await server.request(RETRY, { id: file.id }, user.token))).toBe('CONFLICT');
    });

    test('is done once by two at the same time', async () => {
      const file = await upload(user);
      await change(file, { status: 'FAILED' });
      const answers = await Promise.all([1, 2].map(() => server.request(RETRY, { id: file.id }, user.token)));
      expect(answers.map(codeOf).sort()).toEqual(['CONFLICT', undefined]);
    });
  });

  describe.each(['ws', 'sse'] as const)('progress over %s', (transport) => {
    const watch = (file: Data) => subscribe(server, transport, user.token, PROGRESS, { id: file.id });
    const next = async (events: AsyncIterator<unknown>) => {
      const { value, done } = (await events.next()) as { value?: { data?: Data }; done?: boolean };
      return done ? 'done' : value?.data?.fileProgress.file;
    };

    test('tells the state now, then changes, whoever makes them, and ends with the reading', async () => {
      const file = await upload(user);
      const events = watch(file);
      expect(await next(events)).toEqual({ id: file.id, status: 'QUEUED', progress: 0, error: null });
      // As another instance does, of which nothing is heard.
      await change(file, { status: 'PROCESSING', progress: 0.25 });
      expect(await next(events)).toMatchObject({ status: 'PROCESSING', progress: 0.25 });
      await change(file, { status: 'READY', progress: 1 });
      expect(await next(events)).toMatchObject({ status: 'READY', progress: 1 });
      expect(await next(events)).toBe('done');
    });

    test('of what has been read, or has failed, is one event', async () => {
      const file = await upload(user);
      await change(file, { status: 'FAILED', error: 'It is damaged.' });
      const events = watch(file);
      expect(await next(events)).toMatchObject({ status: 'FAILED', error: 'It is damaged.' });
      expect(await next(events)).toBe('done');
    });

    test('ends when the file is deleted', async () => {
      const file = await upload(user);
      const events = watch(file);
      expect(await next(events)).toMatchObject({ status: 'QUEUED' });
      await server.data('mutation ($id: ID!) { deleteFile(id: $id) }', { id: file.id }, user.token);
      expect(await next(events)).toBe('done');
    });
  });

  test('all files of a user go with removeAllOf, and nobody else’s', async () => {
    const admin = await server.data(
      `mutation { login(input: { username: "the-admin", password: "a passphrase for tests" }) { accessToken } }`,
    );
    const guest = await server.register();
    const keeper = { ...guest, token: admin.login.accessToken };
    const shared = await server.data(
      'mutation { createCollection(name: "S", visibility: SHARED) { id } }',
      {},
      keeper.token,
    );
    const own = await createCollection(guest);
    const kept = await upload(keeper, 'kept.txt', shared.createCollection.id);
    const mine = [await upload(guest), await upload(guest, 'b.txt', own)];
    // Uploaded while the guest was an admin.
    const foreign = await upload(keeper, 'foreign.txt', shared.createCollection.id);
    await change(foreign, { userId: decodeAnyId(guest.id).id });
    await server.app.services.files.removeAllOf(decodeAnyId(guest.id).id);
    const ids = [kept, foreign, ...mine].map(uuidOf);
    const left = await server.app.database.prisma.file.findMany({ where: { id: { in: ids } }, select: { id: true } });
    expect(left).toEqual([{ id: uuidOf(kept) }]);
    expect(await server.app.database.prisma.collection.count({ where: { userId: decodeAnyId(guest.id).id } })).toBe(0);
  });

  test('a file that is not there, or another’s, is null', async () => {
    const file = await upload(user);
    const other = await server.register();
    for (const id of [file.id, Buffer.from(`File:${randomUUID()}`).toString('base64url')]) {
      expect((await server.data('query ($id: ID!) { file(id: $id) { id } }', { id }, other.token)).file).toBeNull();
    }
  });

  test('nothing of all this was a fault of the server', async () => {
    expect(errors).toEqual([]);
    expect((await settledBytes(server)).incoming).toEqual([]);
  });
});
