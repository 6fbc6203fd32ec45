import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeOf, failure } from '../support/errors.ts';
import { startTestServer, type TestServer, type TestUser } from '../support/server.ts';
import {
  type Answer,
  postFile,
  postForm,
  someText,
  storedBytes,
  type UploadTarget,
  uploadFile,
} from '../support/uploads.ts';

type Send = (content: string | Uint8Array<ArrayBuffer>, target: UploadTarget) => Promise<Answer>;

describe.each(['pglite', 'postgresql'] as const)('uploads on %s', (engine) => {
  let server: TestServer;
  let [admin, user, other]: TestUser[] = [];
  const errors: unknown[] = [];

  beforeAll(async () => {
    server = await startTestServer({ engine, shared: true, errors, environment: { MAX_UPLOAD_MB: '1' } });
    admin = await server.register('the-admin');
    user = await server.register();
    other = await server.register();
  });
  afterAll(() => server.close());

  const graph: Send = (content, target) => uploadFile(server, content, target);
  const raw: Send = (content, target) => postFile(server, content, target);
  const form: Send = (content, target) => {
    const data = new FormData();
    if (target.collectionId) data.append('collectionId', target.collectionId);
    data.append('file', new Blob([content]), target.name ?? 'notes.txt');
    return postFile(server, data, { token: target.token });
  };
  const fileOf = ({ body }: Answer) => body.file ?? body.data?.uploadFile;

  describe.each([
    ['GraphQL multipart', graph],
    ['POST /files with the bytes', raw],
    ['POST /files with a form', form],
  ])('by %s', (way, send) => {
    test('a file is stored and waits to be read', async () => {
      const text = someText();
      const answer = await send(text, { token: user?.token, name: 'notes.txt' });
      expect(answer.status).toBe(way === 'GraphQL multipart' ? 200 : 201);
      const file = fileOf(answer);
      expect(file).toMatchObject({
        name: 'notes.txt',
        mimeType: 'text/plain',
        size: text.length,
        sha256: createHash('sha256').update(text).digest('hex'),
        progress: 0,
        collection: null,
      });
      const { file: read } = await server.data(
        'query ($id: ID!) { file(id: $id) { id name } }',
        { id: file?.id },
        user?.token,
      );
      expect(read).toEqual({ id: file?.id, name: 'notes.txt' });
      expect((await storedBytes(server)).incoming).toEqual([]);
    });
  });
});
