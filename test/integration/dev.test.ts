import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { openGraphqlSocket } from '../support/graphql-socket.ts';
import { temporaryFolder } from '../support/main-process.ts';

const SCRIPT = fileURLToPath(new URL('../../scripts/dev.ts', import.meta.url));

test('`npm run dev` serves the sources of the page, passes on what is the server’s, and ends both', async () => {
  const folder = await temporaryFolder();
  const child = spawn(process.execPath, [SCRIPT, '--page-port', '0'], {
    cwd: folder,
    env: { PATH: process.env.PATH, PORT: '0', DATA_DIR: `${folder}/data`, OLLAMA_BASE_URL: 'http://127.0.0.1:9' },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group, so that nothing of it is left behind where the test fails.
    detached: true,
  });
  const exited = once(child, 'exit');
  onTestFinished(() => killGroup(child));
  const { page, server } = await addresses(child);

  expect(await (await fetch(page)).text()).toContain('/@vite/client');
  expect(await (await fetch(`${page}src/app/app.tsx`)).text()).toContain('import.meta.hot');
  expect(await (await fetch(`${page}health`)).json()).toMatchObject({ version: expect.any(String) });
  // The server has sockets of its own page only, and takes this one for it.
  const socketUrl = `${page.replace('http', 'ws')}graphql`;
  await openGraphqlSocket({ socketUrl }, { headers: { origin: page.slice(0, -1) }, acknowledged: true });

  child.kill('SIGTERM');
  await exited;
  for (const address of [page, server]) await expect(fetch(address)).rejects.toThrow();
});

/** Both streams are read to their end: a full pipe would hold the server up. */
async function addresses(child: ChildProcess): Promise<{ page: string; server: string }> {
  let printed = '';
  const found = Promise.withResolvers<{ page: string; server: string }>();
  const read = (chunk: Buffer) => {
    printed += chunk;
    const server = /Health +(\S+)\/health/.exec(printed)?.[1];
    const page = /being changed +(\S+)/.exec(printed)?.[1];
    if (page && server) found.resolve({ page, server });
  };
  child.stdout?.on('data', read);
  child.stderr?.on('data', read);
  child.once('exit', () => found.reject(new Error(printed)));
  return await found.promise;
}

function killGroup({ pid }: ChildProcess): void {
  try {
    process.kill(-Number(pid), 'SIGKILL');
  } catch {
    // It is gone, as it should be.
  }
}
