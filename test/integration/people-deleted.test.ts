import { describe, expect, onTestFinished, test } from 'vitest';
import { decodeAnyId } from '../../src/graphql/ids.ts';
import { titleFrom } from '../../src/services/chat/title.ts';
import { importConversations } from '../../src/services/transfer/import-conversations.ts';
import { createId } from '../../src/util/ids.ts';
import { codeOf, failure } from '../support/errors.ts';
import { openGraphqlSocket } from '../support/graphql-socket.ts';
import { startScriptedUpstream } from '../support/scripted-upstream.ts';
import { type Engine, PASSWORD, startTestServer, subscribe, type TestServer } from '../support/server.ts';
import { lorem } from '../support/stream-plan.ts';
import { conversationOf } from '../support/transfers.ts';
import { chatInput, SEND } from '../support/turns.ts';
import { postFile, storedBytes } from '../support/uploads.ts';

const DELETE = 'mutation ($id: ID!) { deleteUser(id: $id) }';
const PROGRESS = 'subscription ($id: ID!) { fileProgress(id: $id) { file { status } } }';
const COLLECTION = 'mutation ($visibility: Visibility) { createCollection(name: "C", visibility: $visibility) { id } }';
const VIEWER = '{ viewer { user { username } } }';

/** What belongs to somebody, or was made of that. */
const TABLES = ['conversations', 'branches', 'messages', 'turns', 'sessions', 'refresh_tokens', 'collections'];
const OF_FILES = ['files', 'chunks', 'word_scopes', 'word_segments', 'word_parts', 'word_blocks'];

async function start(engine: Engine, errors: unknown[]) {
  const upstream = await startScriptedUpstream({
    plans: { short: { tokens: lorem(5) }, endless: { tokens: lorem(20_000), intervalMs: 10 } },
  });
  onTestFinished(() => upstream.close());
  const server = await startTestServer({ engine, errors, openAiUrl: upstream.url });
  return { upstream, server, admin: await server.register('the-admin') };
}

/** Uploads, and waits until it has been read. */
async function uploadAndRead(server: TestServer, token: string, text: string, collectionId?: string): Promise<void> {
  const { body } = await postFile(server, text, { token, name: 'notes.md', ...(collectionId && { collectionId }) });
  const statuses: string[] = [];
  for await (const { data } of subscribe(server, 'ws', token, PROGRESS, { id: body.file?.id })) {
    statuses.push(data?.fileProgress.file.status);
  }
  expect(statuses.at(-1)).toBe('READY');
}

describe.each(['pglite', 'postgresql'] as const)('who is deleted, on %s', (engine) => {
  test('goes with all that he has, what he is being answered included, and nobody else’s does', async () => {
    const errors: unknown[] = [];
    const { upstream, server, admin } = await start(engine, errors);
    const counts = async () => {
      const columns = [...TABLES, ...OF_FILES].map((table) => `(SELECT count(*)::int FROM ${table}) AS ${table}`);
      const [row] = await server.app.database.sql.query(`SELECT ${columns.join(', ')}`);
      return { ...row, bytes: (await storedBytes(server)).kept.length };
    };
    await server.data(SEND, { input: chatInput('short'), wait: true }, admin.token);
    await uploadAndRead(server, admin.token, 'A zebra has stripes.');
    await server.data(COLLECTION, { visibility: 'SHARED' }, admin.token);
    const before = await counts();

    const leaving = await server.register();
    const { prisma } = server.app.database;
    await server.data(SEND, { input: chatInput('short'), wait: true }, leaving.token);
    const { createCollection } = await server.data(COLLECTION, {}, leaving.token);
    await uploadAndRead(server, leaving.token, 'A zebra of his own.');
    await uploadAndRead(server, leaving.token, 'A zebra in a collection.', createCollection.id);
    const generations = () => upstream.requests.filter(({ path }) => path.endsWith('/chat/completions'));
    const asked = generations().length;
    const { sendMessage } = await server.data(SEND, { input: chatInput('endless') }, leaving.token);
    await expect.poll(() => generations().length).toBe(asked + 1);
    const { closed } = await openGraphqlSocket(server, { token: leaving.token });

    expect(await server.data(DELETE, { id: leaving.id }, admin.token)).toEqual({ deleteUser: leaving.id });
    expect(await closed).toMatchObject({ code: 4403 });
    expect(codeOf(await server.request(VIEWER, {}, leaving.token))).toBe('UNAUTHENTICATED');
    expect(await prisma.user.count({ where: { id: decodeAnyId(leaving.id).id } })).toBe(0);
    expect(await prisma.turn.count({ where: { id: decodeAnyId(sendMessage.id).id } })).toBe(0);
    await expect.poll(() => server.app.load().runningTurns).toBe(0);
    await expect.poll(() => generations().at(-1)?.aborted).toBe(true);
    await expect.poll(counts, { timeout: 10_000 }).toEqual(before);

    // The name is free again, for somebody who has nothing of his.
    const input = { username: leaving.username, password: PASSWORD };
    const again = await server.data(
      'mutation ($input: RegisterInput!) { register(input: $input) { accessToken user { id } } }',
      { input },
    );
    expect(again.register.user.id).not.toBe(leaving.id);
    const { conversations } = await server.data('{ conversations { totalCount } }', {}, again.register.accessToken);
    expect(conversations.totalCount).toBe(0);
    expect(failure(await server.request(DELETE, { id: leaving.id }, admin.token)).code).toBe('NOT_FOUND');
    expect(errors).toEqual([]);
  });

  test('an upload that comes while the account is closed is refused', async () => {
    const { server, admin } = await start(engine, []);
    const leaving = await server.register();
    const { files } = server.app.services;
    const { add } = files;
    files.add = async (...given) => {
      await server.data(DELETE, { id: leaving.id }, admin.token);
      return add(...given);
    };
    const { status, body } = await postFile(server, 'Too late.', { token: leaving.token, name: 'late.txt' });
    expect([status, codeOf(body)]).toEqual([401, 'UNAUTHENTICATED']);
    expect((await storedBytes(server)).kept).toEqual([]);
  });

  test('an import ends when the account is closed, and goes on adding nothing', async () => {
    const { server } = await start(engine, []);
    const leaving = await server.register();
    const userId = decodeAnyId(leaving.id).id;
    const { prisma } = server.app.database;
    const conversations = () => prisma.conversation.count({ where: { userId } });
    const [one, other] = ['before', 'after'].map((text) => JSON.stringify(conversationOf([[null, 'USER', text]])));
    async function* chunks() {
      yield `[${one},`;
      // What came is stored when more is asked for.
      expect(await conversations()).toBe(1);
      await prisma.user.update({ where: { id: userId }, data: { disabledAt: new Date() } });
      yield `${other}]`;
    }
    async function* texts() {
      yield { name: null, chunks: chunks() };
    }
    const deps = { prisma, now: () => new Date(), createId, titleFrom, changed: () => {} };
    const importing = importConversations(deps, userId, texts(), undefined);
    await expect(importing).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await conversations()).toBe(1);
  });
});
