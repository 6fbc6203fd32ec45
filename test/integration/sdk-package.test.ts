import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer } from '../support/server.ts';
import { inSourceTree } from '../support/source-tree.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
/** What the package needs comes from here, not from the network. */
const NEEDED = ['graphql', 'graphql-ws', '@graphql-typed-document-node/core'];

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'colloquy-sdk-'));
  await inSourceTree(() => npm(root, 'pack', '--workspace', 'sdk', '--pack-destination', folder));
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'));
  const links = NEEDED.map((name) => [name, `file:${join(root, 'node_modules', name)}`]);
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({
      name: 'somebody',
      type: 'module',
      dependencies: { ...Object.fromEntries(links), '@colloquy/sdk': `file:./${tarball}` },
      overrides: Object.fromEntries(NEEDED.map((name) => [name, `$${name}`])),
    }),
  );
  await npm(folder, 'install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

function npm(cwd: string, ...words: string[]) {
  const path = [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
  return run('npm', words, { cwd, env: { ...process.env, PATH: path } });
}

test('what is published holds no source and no test', async () => {
  const home = join(folder, 'node_modules', '@colloquy', 'sdk');
  const files = await readdir(home, { recursive: true });
  expect(files).toContain('README.md');
  expect(files).toContain(join('dist', 'index.d.ts'));
  const sources = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'));
  expect(sources).toEqual([]);
  const { exports } = JSON.parse(await readFile(join(home, 'package.json'), 'utf8'));
  for (const path of [exports['.'].types, exports['.'].default]) expect(files).toContain(join(path));
});

test('it runs on plain Node and streams from a server', async () => {
  const server = await startTestServer();
  const program = `
    import { collectAnswer, createClient, ViewerDocument } from '@colloquy/sdk';
    const client = createClient({ url: process.argv[2] });
    await client.register({ username: 'packed', password: 'a passphrase for tests' });
    const { viewer } = await client.query(ViewerDocument);
    const answer = await collectAnswer(client.chat({ text: 'Hello' }));
    console.log(JSON.stringify([viewer.user.username, answer.message.status, answer.text.length > 0]));
  `;
  await writeFile(join(folder, 'program.js'), program);
  // It also ends by itself: no socket and no timer is left behind.
  const { stdout } = await run(process.execPath, ['program.js', server.url], { cwd: folder });
  expect(JSON.parse(stdout)).toEqual(['packed', 'COMPLETE', true]);
});

test('its types hold in a strict project', async () => {
  const program = `
    import { type ChatInput, type Client, createClient, type TurnEvent, TurnDocument } from '@colloquy/sdk';
    const client: Client = createClient({ url: 'http://127.0.0.1:4000', token: 'token' });
    export async function text(input: Omit<ChatInput, 'turnKey'>): Promise<string> {
      let joined = '';
      for await (const event of client.chat(input)) if (event.__typename === 'TurnDelta') joined += event.text;
      const { turn } = await client.query(TurnDocument, { id: 'id' });
      return joined + (turn?.assistantMessage.content ?? '');
    }
    export const cursorOf = (event: TurnEvent): number => event.cursor;
    // @ts-expect-error: there is no such field
    export const wrong = (event: TurnEvent) => event.nothing;
    // @ts-expect-error: the text is required
    client.chat({});
  `;
  await writeFile(join(folder, 'program.ts'), program);
  const options = {
    target: 'es2022',
    module: 'nodenext',
    lib: ['es2023', 'dom'],
    types: [],
    strict: true,
    noEmit: true,
    skipLibCheck: false,
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['program.ts'] }));
  const tsc = join(root, 'node_modules', '.bin', 'tsc');
  const { stdout } = await run(tsc, ['-p', '.'], { cwd: folder }).catch((error: { stdout: string }) => error);
  expect(stdout).toBe('');
});
