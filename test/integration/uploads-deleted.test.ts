import { expect, test } from 'vitest';
import { codeOf } from '../support/errors.ts';
import { startTestServer } from '../support/server.ts';
import { type Answer, postFile, someText, uploadFile } from '../support/uploads.ts';

test.each([
  ['GraphQL multipart', uploadFile],
  ['POST /files', postFile],
])('a file that is deleted while it is uploaded again is to be sent once more: %s', async (_way, send) => {
  const server = await startTestServer();
  const user = await server.register();
  const { files } = server.app.services;
  const { add } = files;
  // The deletion comes between the answer of the service and that of the server.
  files.add = async (viewer, ...given) => {
    const added = await add(viewer, ...given);
    await files.remove(viewer, added.id);
    return added;
  };
  const { body }: Answer = await send(server, someText(), { token: user.token });
  expect([codeOf(body), body.errors?.[0]?.message]).toEqual([
    'CONFLICT',
    'The same file was deleted at this moment. Upload it again.',
  ]);
});
