import { describe, expect, it } from 'vitest';
import { codeOf } from '../support/errors.ts';
import { until } from '../support/jobs.ts';
import { type Data, type Engine, startTestServer, subscribe, type TestServer } from '../support/server.ts';

const STATS = 'query { stats { observability { worker { queued active completed failed retried meanSeconds } } } }';
const REINDEX = 'mutation ($collectionId: ID, $all: Boolean) { reindex(collectionId: $collectionId, all: $all) }';
const PROGRESS = 'subscription ($id: ID!) { fileProgress(id: $id) { file { status error chunkCount } } }';

async function upload(server: TestServer, token: string, text: string): Promise<string> {
  const response = await fetch(`${server.url}/files?name=notes.txt`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'text/plain' },
    body: text,
  });
  expect(response.status).toBe(201);
  return ((await response.json()) as { file: { id: string } }).file.id;
}

/** Waits until the file has been read or cannot be. */
async function settled(server: TestServer, token: string, id: string) {
  let last: Data | undefined;
  for await (const { data } of subscribe(server, 'ws', token, PROGRESS, { id })) last = data?.fileProgress.file;
  return last;
}

describe.each<Engine>(['pglite', 'postgresql'])('the worker as the graph shows it, on %s', (engine) => {
  it('tells an admin what it has done, and reads files anew for one', async () => {
    const server = await startTestServer({ engine });
    const admin = await server.register();
    const user = await server.register();
    const id = await upload(server, user.token, 'The albatross flies far.');
    expect(await settled(server, user.token, id)).toEqual({ status: 'READY', error: null, chunkCount: 1 });

    const worker = async () => (await server.data(STATS, {}, admin.token)).stats.observability.worker;
    // The job is over a little later than the file.
    await until(async () => (await worker()).completed === 1);
    expect(await worker()).toEqual({
      queued: 0,
      active: 0,
      completed: 1,
      failed: 0,
      retried: 0,
      meanSeconds: expect.any(Number),
    });

    expect(await server.data(REINDEX, {}, admin.token)).toEqual({ reindex: 0 });
    expect(await server.data(REINDEX, { all: true }, admin.token)).toEqual({ reindex: 1 });
    await until(async () => (await worker()).completed === 2);
    expect(await settled(server, user.token, id)).toMatchObject({ status: 'READY', chunkCount: 1 });
  });

  it('is for admins only', async () => {
    const server = await startTestServer({ engine });
    await server.register();
    const { token } = await server.register();
    expect(codeOf(await server.request(STATS, {}, token))).toBe('FORBIDDEN');
    expect(codeOf(await server.request(REINDEX, { all: true }, token))).toBe('FORBIDDEN');
    expect(codeOf(await server.request(REINDEX, { all: true }))).toBe('UNAUTHENTICATED');
  });
});
