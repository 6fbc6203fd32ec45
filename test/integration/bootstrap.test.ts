import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const scripts = new URL('../../scripts/', import.meta.url);
/** Stands in for npm: keeps what it was called with, and "installs" by writing npm's own lock file. */
const FAKE_NPM = `
const { appendFileSync, copyFileSync, mkdirSync, writeFileSync } = require('node:fs');
appendFileSync('calls', process.argv.slice(2).join(' ') + '\\n');
if (process.env.FAKE_NPM_FAILS) { console.error('no space left'); process.exit(7); }
mkdirSync('node_modules', { recursive: true });
copyFileSync('package-lock.json', 'node_modules/.package-lock.json');
if (process.argv.includes('build')) { mkdirSync('frontend/dist', { recursive: true }); writeFileSync('frontend/dist/index.html', ''); }
`;

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'colloquy-bootstrap-'));
  await cp(scripts, join(root, 'scripts'), { recursive: true });
  await writeFile(join(root, 'npm-cli.js'), FAKE_NPM);
  await writeLock('1.0.0');
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function writeLock(version: string): Promise<void> {
  const packages = { '': {}, 'node_modules/a': { version, integrity: `sha512-${version}` } };
  await writeFile(join(root, 'package-lock.json'), JSON.stringify({ packages }));
}

type Outcome = { code: number; errors: string };

function bootstrap(environment: Record<string, string> = {}, words: string[] = []): Promise<Outcome> {
  const path = [dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter);
  const env = { PATH: path, npm_execpath: join(root, 'npm-cli.js'), ...environment };
  return new Promise((resolve) => {
    execFile(process.execPath, ['scripts/bootstrap.mjs', ...words], { cwd: root, env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, errors: stdout + stderr });
    });
  });
}

const calls = async () =>
  (await readFile(join(root, 'calls'), 'utf8').catch(() => '')).trim().split('\n').filter(Boolean);

test('installs once, and again when the lock file has changed', async () => {
  expect((await bootstrap()).code).toBe(0);
  expect(await calls()).toEqual([
    expect.stringMatching(/^ci .*--ignore-scripts/),
    expect.stringMatching(/^rebuild node/),
  ]);
  expect(await bootstrap()).toEqual({ code: 0, errors: '' });
  expect(await calls()).toHaveLength(2);
  await writeLock('1.0.1');
  expect((await bootstrap()).code).toBe(0);
  expect(await calls()).toHaveLength(4);
});

test('takes what was installed by hand', async () => {
  await mkdir(join(root, 'node_modules'));
  await cp(join(root, 'package-lock.json'), join(root, 'node_modules', '.package-lock.json'));
  expect(await bootstrap()).toEqual({ code: 0, errors: '' });
  expect(await calls()).toEqual([]);
});

test('a failed installation is told and tried again', async () => {
  const { code, errors } = await bootstrap({ FAKE_NPM_FAILS: '1' });
  expect(code).toBe(1);
  expect(errors).toContain('no space left\n');
  expect(errors).toMatch(/\ncolloquy: npm ci .* failed \(exit code 7\); its output is above\.\n$/);
  expect((await bootstrap()).code).toBe(0);
  expect(await calls()).toHaveLength(3);
});

test('says what to do when npm scripts get a Node that is too old', async () => {
  const folder = join(root, 'node_modules', '.bin');
  await mkdir(folder, { recursive: true });
  await cp(join(root, 'package-lock.json'), join(root, 'node_modules', '.package-lock.json'));
  await writeFile(join(folder, 'node'), '#!/bin/sh\necho 20.1.0\n');
  await chmod(join(folder, 'node'), 0o755);
  const { code, errors } = await bootstrap();
  expect(code).toBe(1);
  expect(errors).toMatch(
    /^colloquy: Node 24 or newer is needed, but npm scripts get 20\.1\.0\..*npm rebuild node.*\n$/,
  );
});

test('builds the page where there is one, when it is asked to, and when it has changed', async () => {
  expect((await bootstrap({}, ['--page'])).code).toBe(0);
  expect(await calls()).toHaveLength(2);
  await mkdir(join(root, 'frontend'));
  await writeFile(join(root, 'frontend', 'vite.config.ts'), '');
  expect((await bootstrap()).errors).toBe('');
  expect((await bootstrap({}, ['--page'])).errors).toBe('Building the page …\n');
  expect((await bootstrap({}, ['--page'])).errors).toBe('');
  await writeFile(join(root, 'frontend', 'page.tsx'), '');
  expect((await bootstrap({}, ['--page'])).errors).toBe('Building the page …\n');
  expect((await calls()).slice(2)).toEqual([expect.stringMatching(/^run build -w frontend/), expect.anything()]);
});
