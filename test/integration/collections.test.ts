import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeAnyId, encodeId } from '../../src/graphql/ids.ts';
import { codeOf, failure } from '../support/errors.ts';
import { type Data, startTestServer, type TestServer, type TestUser } from '../support/server.ts';
import { statementsOf } from '../support/statements.ts';
import { postFile, someText } from '../support/uploads.ts';

const FIELDS = 'id name description visibility fileCount chunkCount createdAt';
const CREATE = `mutation ($name: String!, $description: String, $visibility: Visibility) {
  createCollection(name: $name, description: $description, visibility: $visibility) { ${FIELDS} }
}`;
const UPDATE = `mutation ($id: ID!, $name: String, $description: String) {
  updateCollection(id: $id, name: $name, description: $description) { ${FIELDS} }
}`;
const DELETE = 'mutation ($id: ID!) { deleteCollection(id: $id) }';
const LIST = `query ($first: Int, $after: String, $last: Int, $before: String) {
  collections(first: $first, after: $after, last: $last, before: $before) {
    totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { node { ${FIELDS} } }
  }
}`;

describe.each(['pglite', 'postgresql'] as const)('collections on %s', (engine) => {
  let server: TestServer;
  let [admin, second, user, other]: TestUser[] = [];
  const errors: unknown[] = [];

  beforeAll(async () => {
    server = await startTestServer({ engine, shared: true, errors, environment: { WORKER_ENABLED: 'false' } });
    admin = await server.register('the-admin');
    second = await server.register();
    user = await server.register();
    other = await server.register();
    const { prisma } = server.app.database;
    await prisma.user.update({ where: { id: decodeAnyId(second.id).id }, data: { role: 'ADMIN' } });
    const login = `mutation { login(input: { username: "${second.username}", password: "a passphrase for tests" }) { accessToken } }`;
    second = { ...second, token: (await server.data(login)).login.accessToken };
  });
  afterAll(() => server.close());

  const create = async (owner: TestUser | undefined, variables: object = {}): Promise<Data> =>
    (await server.data(CREATE, { name: 'Papers', ...variables }, owner?.token)).createCollection;
  const upload = (owner: TestUser | undefined, collectionId: string) =>
    postFile(server, someText(), { token: owner?.token, name: 'a.txt', collectionId });
  const list = async (asker: TestUser | undefined, variables: object = {}): Promise<Data> =>
    (await server.data(LIST, { ...variables }, asker?.token)).collections;

  test('one is made, renamed and deleted', async () => {
    const made = await create(user, { name: '  Papers  ', description: 'Read them.' });
    expect(made).toMatchObject({
      name: 'Papers',
      description: 'Read them.',
      visibility: 'PRIVATE',
      fileCount: 0,
      chunkCount: 0,
    });
    const update = async (changes: object) =>
      (await server.data(UPDATE, { id: made.id, ...changes }, user?.token)).updateCollection;
    expect(await update({ name: 'Books' })).toEqual({ ...made, name: 'Books' });
    expect(await update({ description: 'New' })).toEqual({ ...made, name: 'Books', description: 'New' });
    expect(await update({ name: null })).toMatchObject({ name: 'Books', description: 'New' });
    expect(await update({ description: null })).toMatchObject({ name: 'Books', description: null });
    expect(await update({ description: '' })).toMatchObject({ description: null });
    expect(await server.data(DELETE, { id: made.id }, user?.token)).toEqual({ deleteCollection: made.id });
    expect(codeOf(await server.request(DELETE, { id: made.id }, user?.token))).toBe('NOT_FOUND');
  });

  test.each([
    [{ name: '' }, 'name'],
    [{ name: ' \t' }, 'name'],
    [{ name: 'x'.repeat(201) }, 'name'],
    [{ name: 'nul\0' }, 'name'],
    [{ name: 'x', description: 'x'.repeat(2_001) }, 'description'],
    [{ name: 'x', description: 'nul\0' }, 'description'],
    [{ name: 'x', visibility: 'SECRET' }, 'visibility'],
  ])('%j is refused', async (variables, field) => {
    const expected = { code: 'BAD_USER_INPUT', fields: { [field]: expect.stringMatching(/./) } };
    expect(failure(await server.request(CREATE, { ...variables }, user?.token))).toMatchObject(expected);
    if (field === 'visibility') return;
    const { id } = await create(user);
    expect(failure(await server.request(UPDATE, { id, ...variables }, user?.token))).toMatchObject(expected);
  });

  test('counts are of what is there', async () => {
    const { id } = await create(user);
    const files = [];
    for (let index = 0; index < 3; index += 1) files.push((await upload(user, id)).body.file as Data);
    const where = { id: decodeAnyId(files[0]?.id).id };
    await server.app.database.prisma.file.update({ where, data: { chunkCount: 7 } });
    const read = async () => (await list(user, { first: 1 })).edges[0].node;
    expect(await read()).toMatchObject({ id, fileCount: 3, chunkCount: 7 });
    await server.data('mutation ($id: ID!) { deleteFile(id: $id) }', { id: files[0]?.id }, user?.token);
    expect(await read()).toMatchObject({ id, fileCount: 2, chunkCount: 0 });
  });

  test('the files of one are paged, and those that are deleted with it are gone', async () => {
    const { id } = await create(user);
    for (let index = 0; index < 3; index += 1) await upload(user, id);
    const query = `query ($id: ID!, $after: String) { node(id: $id) { ... on Collection {
      files(first: 2, after: $after) { totalCount pageInfo { hasNextPage endCursor } edges { node { id collection { id } } } }
    } } }`;
    const page = async (after: string | null) =>
      (await server.data(query, { id, after }, user?.token)).node.files as Data;
    const first = await page(null);
    const rest = await page(first.pageInfo.endCursor);
    expect([first.totalCount, first.edges.length, rest.edges.length]).toEqual([3, 2, 1]);
    expect(rest.pageInfo.hasNextPage).toBe(false);
    const all = [...first.edges, ...rest.edges].map(({ node }: Data) => node);
    expect(new Set(all.map((node) => node.id)).size).toBe(3);
    expect(all.every((node) => node.collection.id === id)).toBe(true);
    await server.data(DELETE, { id }, user?.token);
    const ids = all.map((node) => node.id);
    const { nodes } = await server.data('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids }, user?.token);
    expect(nodes).toEqual([null, null, null]);
  });

  test('the list has one’s own and those for everybody, paged both ways, the newest first', async () => {
    const reader = await server.register();
    const shared = (await list(reader)).totalCount;
    const made: string[] = [];
    for (let index = 0; index < 5; index += 1) made.unshift((await create(reader, { name: `C${index}` })).id);
    const forward: string[] = [];
    for (let after: string | null = null; ; ) {
      const page = await list(reader, { first: 2, after });
      expect(page.totalCount).toBe(5 + shared);
      forward.push(...page.edges.map(({ node }: Data) => node.id));
      after = page.pageInfo.endCursor;
      if (!page.pageInfo.hasNextPage) break;
    }
    expect(forward.slice(0, 5)).toEqual(made);
    const last = await list(reader, { last: 100 });
    expect(last.edges.map(({ node }: Data) => node.id)).toEqual(forward);
  });

  test('the list costs the same number of statements however long it is', async () => {
    const reader = await server.register();
    const statements = async () => {
      const made = await statementsOf(() => list(reader, { first: 50 }));
      return made.length;
    };
    const { id } = await create(reader);
    await upload(reader, id);
    const before = await statements();
    for (let index = 0; index < 4; index += 1) await upload(reader, (await create(reader)).id);
    expect([before, await statements()]).toEqual([3, 3]);
  });

  describe('one for everybody', () => {
    let shared: Data;
    let file: Data;
    beforeAll(async () => {
      shared = await create(admin, { name: 'Handbook', visibility: 'SHARED' });
      file = (await upload(admin, shared.id)).body.file as Data;
    });

    test('is made by admins alone', async () => {
      const refused = await server.request(CREATE, { name: 'x', visibility: 'SHARED' }, user?.token);
      expect(codeOf(refused)).toBe('FORBIDDEN');
    });

    test('is seen by everybody, with its files', async () => {
      for (const asker of [user, other, second]) {
        expect((await list(asker)).edges.map(({ node }: Data) => node.id)).toContain(shared.id);
        const query =
          'query ($id: ID!, $filter: FileFilter) { file(id: $id) { name collection { name } } files(filter: $filter) { totalCount } }';
        const seen = await server.data(query, { id: file.id, filter: { collectionId: shared.id } }, asker?.token);
        expect(seen).toEqual({ file: { name: 'a.txt', collection: { name: 'Handbook' } }, files: { totalCount: 1 } });
        // It is not theirs.
        const own = await server.data('{ files { edges { node { id } } } }', {}, asker?.token);
        expect(own.files.edges.map(({ node }: Data) => node.id)).not.toContain(file.id);
      }
    });

    test('is changed by its owner and admins alone; to others it answers as if it were not there', async () => {
      const missing = { Collection: encodeId('Collection', randomUUID()), File: encodeId('File', randomUUID()) };
      for (const [query, id, unknown] of [
        [UPDATE, shared.id, missing.Collection],
        [DELETE, shared.id, missing.Collection],
        ['mutation ($id: ID!) { deleteFile(id: $id) }', file.id, missing.File],
        ['mutation ($id: ID!) { retryFile(id: $id) { id } }', file.id, missing.File],
      ] as const) {
        const refused = await server.request(query, { id }, user?.token);
        expect(codeOf(refused)).toBe('NOT_FOUND');
        expect(JSON.stringify(refused)).toBe(JSON.stringify(await server.request(query, { id: unknown }, user?.token)));
      }
      const answers = [await upload(user, shared.id), await upload(user, missing.Collection)];
      expect(answers.map(({ status }) => status)).toEqual([404, 404]);
      expect(JSON.stringify(answers[0]?.body)).toBe(JSON.stringify(answers[1]?.body));

      const renamed = await server.data(UPDATE, { id: shared.id, name: 'Manual' }, second?.token);
      expect(renamed.updateCollection.name).toBe('Manual');
      const added = (await upload(second, shared.id)).body.file as Data;
      // The collection's owner keeps what others have put there.
      const remove = 'mutation ($id: ID!) { deleteFile(id: $id) }';
      expect(await server.data(remove, { id: added.id }, admin?.token)).toEqual({ deleteFile: added.id });
    });
  });

  test('an admin has no hand in what is another’s', async () => {
    const { id } = await create(user);
    const file = (await upload(user, id)).body.file as Data;
    for (const [query, target] of [
      [UPDATE, id],
      [DELETE, id],
      ['mutation ($id: ID!) { deleteFile(id: $id) }', file.id],
    ] as const) {
      expect(codeOf(await server.request(query, { id: target }, admin?.token))).toBe('NOT_FOUND');
    }
    const filter = { filter: { collectionId: id } };
    const listed = await server.request(
      'query ($filter: FileFilter) { files(filter: $filter) { totalCount } }',
      filter,
      admin?.token,
    );
    expect(codeOf(listed)).toBe('NOT_FOUND');
    expect((await server.data('query ($id: ID!) { node(id: $id) { id } }', { id }, admin?.token)).node).toBeNull();
  });

  test('what is put into a collection that is being deleted goes with it, or is refused', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { id } = await create(user);
      const [uploaded] = await Promise.all([upload(user, id), server.request(DELETE, { id }, user?.token)]);
      expect([201, 404]).toContain(uploaded.status);
      const where = { collectionId: decodeAnyId(id).id };
      expect(await server.app.database.prisma.file.count({ where })).toBe(0);
      if (uploaded.body.file) {
        const { id: fileId } = decodeAnyId(uploaded.body.file.id);
        expect(await server.app.database.prisma.file.count({ where: { id: fileId } })).toBe(0);
      }
    }
  });

  test('nothing of all this was a fault of the server', () => {
    expect(errors).toEqual([]);
  });
});
