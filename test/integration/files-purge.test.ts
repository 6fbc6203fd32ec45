import { describe, expect, test } from 'vitest';
import { type Data, startTestServer, subscribe, type TestUser } from '../support/server.ts';
import { postFile, storedBytes } from '../support/uploads.ts';

const TABLES = ['files', 'chunks', 'word_scopes', 'word_segments', 'word_parts', 'word_blocks', 'vector_spaces'];

describe.each(['pglite', 'postgresql'] as const)('what has been read and is deleted, on %s', (engine) => {
  test('leaves no row and no byte, whether it goes alone, with its collection or with its user', async () => {
    const errors: unknown[] = [];
    const server = await startTestServer({ engine, errors });
    await server.register('the-admin');
    const user = await server.register();

    async function uploadAndRead(text: string, collectionId?: string): Promise<Data> {
      const target = { token: user.token, name: 'notes.md', ...(collectionId && { collectionId }) };
      const file = (await postFile(server, text, target)).body.file as Data;
      const query =
        'subscription ($id: ID!) { fileProgress(id: $id) { file { id status error chunkCount textLength } } }';
      let last: Data | undefined;
      for await (const { data } of subscribe(server, 'ws', user.token, query, { id: file.id }))
        last = data?.fileProgress.file;
      expect(last).toMatchObject({ id: file.id, status: 'READY', error: null });
      expect(last?.textLength).toBeGreaterThanOrEqual(text.trimEnd().length);
      expect(last?.chunkCount).toBeGreaterThan(0);
      return file;
    }
    const rows = async () => {
      const counts = TABLES.map((table) => `(SELECT count(*)::int FROM ${table}) AS ${table}`);
      const [found] = await server.app.database.sql.query(`SELECT ${counts.join(', ')}`);
      return found;
    };
    const remains = async () => ({ ...(await rows()), bytes: (await storedBytes(server)).kept.length });
    const nothing = Object.fromEntries([...TABLES, 'bytes'].map((name) => [name, 0]));
    const search = async (asker: TestUser) =>
      (await server.data('{ search(input: { text: "zebra" }) { fileName file { name } } }', {}, asker.token)).search;

    const alone = await uploadAndRead('# Zebra\n\nA zebra has stripes.\n');
    expect(await search(user)).toEqual([{ fileName: 'notes.md', file: { name: 'notes.md' } }]);
    const text = `query ($id: ID!) { file(id: $id) { text(start: 9, end: 29) } }`;
    expect((await server.data(text, { id: alone.id }, user.token)).file.text).toBe('A zebra has stripes.');
    await server.data('mutation ($id: ID!) { deleteFile(id: $id) }', { id: alone.id }, user.token);
    expect(await search(user)).toEqual([]);
    await expect.poll(async () => (await storedBytes(server)).kept).toEqual([]);

    const { createCollection } = await server.data('mutation { createCollection(name: "C") { id } }', {}, user.token);
    for (const word of ['one', 'two']) await uploadAndRead(`A zebra, ${word}.`, createCollection.id);
    expect(await search(user)).toHaveLength(2);
    await server.data('mutation ($id: ID!) { deleteCollection(id: $id) }', { id: createCollection.id }, user.token);
    expect(await search(user)).toEqual([]);
    await expect.poll(async () => (await storedBytes(server)).kept).toEqual([]);

    await uploadAndRead('A zebra, the last.');
    const { userId } = await server.app.database.prisma.file.findFirstOrThrow();
    await server.app.services.files.removeAllOf(userId);
    await expect.poll(remains, { timeout: 10_000 }).toEqual(nothing);
    expect(errors).toEqual([]);
  });
});
