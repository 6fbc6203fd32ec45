import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeId } from '../../src/graphql/ids.ts';
import { codeOf, failure } from '../support/errors.ts';
import { startTestServer, type TestServer, type TestUser } from '../support/server.ts';
import { type Answer, postFile, settledBytes, someText, type UploadTarget, uploadFile } from '../support/uploads.ts';

type Send = (content: string | Uint8Array<ArrayBuffer>, target: UploadTarget) => Promise<Answer>;

const MEGABYTE = 1_048_576;

describe.each(['pglite', 'postgresql'] as const)('uploads on %s', (engine) => {
  let server: TestServer;
  let user: TestUser;
  let other: TestUser;
  const errors: unknown[] = [];

  beforeAll(async () => {
    const environment = { MAX_UPLOAD_MB: '1', USER_STORAGE_MB: '3', WORKER_ENABLED: 'false' };
    server = await startTestServer({ engine, shared: true, errors, environment });
    await server.register('the-admin');
    user = await server.register();
    other = await server.register();
  });
  afterAll(() => server.close());

  const graph: Send = (content, target) => uploadFile(server, content, target);
  const raw: Send = (content, target) => postFile(server, content, target);
  const form: Send = (content, { token, name = 'notes.txt', collectionId }) => {
    const data = new FormData();
    if (collectionId) data.append('collectionId', collectionId);
    data.append('file', new Blob([content]), name);
    return postFile(server, data, { token });
  };
  const fileOf = ({ body }: Answer) => body.file ?? body.data?.uploadFile;

  async function createCollection(owner: TestUser): Promise<string> {
    const query = 'mutation ($name: String!) { createCollection(name: $name) { id } }';
    return (await server.data(query, { name: 'Papers' }, owner.token)).createCollection.id;
  }

  const countFiles = async (owner: TestUser): Promise<number> =>
    (await server.data('{ files { totalCount } }', {}, owner.token)).files.totalCount;

  describe.each([
    ['GraphQL multipart', graph, 'input.'],
    ['POST /files with the bytes', raw, ''],
    ['POST /files with a form', form, ''],
  ])('by %s', (way, send, path) => {
    const isGraph = way === 'GraphQL multipart';

    test('a file is stored and waits to be read', async () => {
      const text = someText();
      const answer = await send(text, { token: user.token, name: 'notes.txt' });
      expect(answer.status).toBe(isGraph ? 200 : 201);
      const file = fileOf(answer);
      expect(file).toMatchObject({
        name: 'notes.txt',
        mimeType: 'text/plain',
        size: text.length,
        sha256: createHash('sha256').update(text).digest('hex'),
        status: 'QUEUED',
        progress: 0,
        collection: null,
        downloadUrl: expect.stringMatching(new RegExp(`^${server.url}/files/[0-9a-f-]{36}$`)),
      });
      const query = 'query ($id: ID!) { file(id: $id) { id name } }';
      expect((await server.data(query, { id: file?.id }, user.token)).file).toEqual({
        id: file?.id,
        name: 'notes.txt',
      });
      const { kept, incoming } = await settledBytes(server);
      expect(incoming).toEqual([]);
      expect(kept).toContain(file?.downloadUrl.split('/').at(-1));
    });

    test('the same bytes twice in one place are one file, whoever calls it what, also in a race', async () => {
      const collectionId = await createCollection(user);
      for (const target of [{ token: user.token }, { token: user.token, collectionId }]) {
        const before = await countFiles(user);
        const text = someText();
        const answers = await Promise.all(
          ['a.txt', 'b.txt', 'c.txt', 'd.txt'].map((name) => send(text, { ...target, name })),
        );
        expect(new Set(answers.map((answer) => fileOf(answer)?.id)).size).toBe(1);
        if (!isGraph) expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 201]);
        const again = await send(text, target);
        expect(again.status).toBe(200);
        expect(fileOf(again)).toEqual(fileOf(answers[0] as Answer));
        expect(await countFiles(user)).toBe(before + 1);
      }
      const { kept, incoming } = await settledBytes(server);
      expect(incoming).toEqual([]);
      expect(kept).toHaveLength(await server.app.database.prisma.file.count());
    });

    test('the same bytes in another place, or of another user, are another file', async () => {
      const text = someText();
      const targets = [
        { token: user.token },
        { token: user.token, collectionId: await createCollection(user) },
        { token: other.token },
      ];
      const ids = new Set<string>();
      for (const target of targets) ids.add(fileOf(await send(text, target))?.id);
      expect(ids.size).toBe(3);
    });

    test.each([
      ['nothing at all', '', 'BAD_USER_INPUT', 400],
      ['what is no text and no document', new Uint8Array(randomBytes(5_000)), 'UNSUPPORTED_MEDIA_TYPE', 415],
      ['a picture', Buffer.from('89504e470d0a1a0a0000000d4948445200000001', 'hex'), 'UNSUPPORTED_MEDIA_TYPE', 415],
      ['more than is allowed', 'x'.repeat(MEGABYTE + 1), 'PAYLOAD_TOO_LARGE', 413],
    ])('refuses %s, and keeps nothing', async (_what, content, code, status) => {
      const before = await settledBytes(server);
      const answer = await send(content as string, { token: user.token, name: 'notes.pdf' });
      expect(failure(answer.body).code).toBe(code);
      expect(failure(answer.body).fields).toEqual(
        code === 'BAD_USER_INPUT' ? { [`${path}file`]: 'The file is empty.' } : undefined,
      );
      if (!isGraph || status === 413) expect(answer.status).toBe(status);
      expect(await settledBytes(server)).toEqual(before);
    });

    test('takes a file that is as large as is allowed', async () => {
      const large = await server.register();
      const answer = await send(someText(MEGABYTE), { token: large.token });
      expect(fileOf(answer)?.size).toBe(MEGABYTE);
    });

    test('answers the same for a collection of another and for one that is not there', async () => {
      const theirs = await createCollection(other);
      const unknown = encodeId('Collection', randomUUID());
      const before = await settledBytes(server);
      const answers: Answer[] = [];
      for (const collectionId of [theirs, unknown]) {
        answers.push(await send(someText(), { token: user.token, collectionId }));
      }
      expect(JSON.stringify(answers[0]?.body)).toBe(JSON.stringify(answers[1]?.body));
      expect(failure(answers[0]?.body ?? {}).code).toBe('NOT_FOUND');
      if (!isGraph) expect(answers.map(({ status }) => status)).toEqual([404, 404]);
      for (const collectionId of ['nonsense', encodeId('File', randomUUID())]) {
        const { body } = await send(someText(), { token: user.token, collectionId });
        expect(failure(body)).toMatchObject({
          code: 'BAD_USER_INPUT',
          fields: { [`${path}collectionId`]: expect.any(String) },
        });
      }
      expect(await settledBytes(server)).toEqual(before);
    });

    test('is for who has signed in', async () => {
      for (const token of [undefined, 'nonsense']) {
        const answer = await send(someText(), { token });
        expect(answer.status).toBe(401);
        expect(codeOf(answer.body)).toBe('UNAUTHENTICATED');
      }
    });

    test('takes no more than the quota, also when two come at once', async () => {
      const full = await server.register();
      const texts = Array.from({ length: 4 }, () => someText(MEGABYTE - 100));
      const answers = await Promise.all(texts.map((text) => send(text, { token: full.token })));
      expect(answers.map(({ body }) => codeOf(body)).sort()).toEqual([
        'QUOTA_EXCEEDED',
        undefined,
        undefined,
        undefined,
      ]);
      const refused = answers.find(({ body }) => codeOf(body)) as Answer;
      expect(refused.body.errors?.[0]?.message).toContain('0 MB of your 3 MB are left');
      if (!isGraph) expect(refused.status).toBe(413);
      // What is there already needs no room, and what fits in goes in.
      const [there] = texts.filter((_text, index) => !codeOf(answers[index]?.body ?? {}));
      expect(codeOf((await send(there as string, { token: full.token })).body)).toBeUndefined();
      expect(codeOf((await send(someText(200), { token: full.token })).body)).toBeUndefined();
      expect(codeOf((await send(someText(200), { token: full.token })).body)).toBe('QUOTA_EXCEEDED');
      expect(await countFiles(full)).toBe(4);
      const { kept, incoming } = await settledBytes(server);
      expect(incoming).toEqual([]);
      expect(kept).toHaveLength(await server.app.database.prisma.file.count());
    });

    test.each([
      ['../../etc/passwd', 'passwd'],
      ['C:\\Users\\ada\\notes.txt', 'notes.txt'],
      ['nul\0led.txt', 'nulled.txt'],
      ['line\nbreak\ttab.txt', 'linebreaktab.txt'],
      ['\u202efdp.exe', 'fdp.exe'],
      ['\u2066isolated\u2069.txt', 'isolated.txt'],
      ['..', 'unnamed'],
      ['   ', 'unnamed'],
      ['دليل.txt', 'دليل.txt'],
      ['日本語 👩🏽‍🚀.md', '日本語 👩🏽‍🚀.md'],
      [`${'x'.repeat(400)}.txt`, `${'x'.repeat(251)}.txt`],
      [`${'👋'.repeat(200)}.txt`, `${'👋'.repeat(125)}.txt`],
      ['"quoted"; filename=x.txt', '"quoted"; filename=x.txt'],
    ])('makes a name of %j that can be shown', async (name, shown) => {
      // Whoever writes a form escapes line breaks and quotes, each in another way.
      if (way !== 'POST /files with the bytes' && /[\n"]/.test(name)) return;
      const { body } = await send(someText(), { token: (await server.register()).token, name });
      // A form with a NUL in its headers is no form.
      if (way !== 'POST /files with the bytes' && name.includes('\0'))
        return expect(codeOf(body)).toBe('BAD_USER_INPUT');
      expect((body.file ?? body.data?.uploadFile)?.name).toBe(shown);
    });
  });

  test('nothing of all this was a fault of the server', () => {
    expect(errors).toEqual([]);
  });
});
