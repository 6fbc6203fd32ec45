import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';

const scripts = new URL('../../scripts/', import.meta.url);
/** Stands in for npm: keeps what it was called with, and "downloads" a small package of that name. */
const FAKE_NPM = `
const { execFileSync } = require('node:child_process');
const { appendFileSync, mkdirSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const [, wanted, , destination] = process.argv.slice(2);
appendFileSync('calls', process.argv.slice(2, 4).join(' ') + '\\n');
const [, name, version] = /^(.+)@(.+)$/.exec(wanted);
const fault = process.env.FAKE_NPM_FAULT;
if (fault === 'offline' || (fault === 'second' && !name.endsWith('-ext'))) {
  console.error('npm error code ENOTFOUND');
  process.exit(1);
}
const archive = join(destination, 'archive.tgz');
if (fault === 'hangs') {
  writeFileSync(archive, 'half');
  console.error('begun');
  // Ends when nobody reads it any more.
  setInterval(() => process.stdout.write('.'), 20);
} else if (fault === 'broken') writeFileSync(archive, 'no archive');
else {
  const folder = join(destination, '..', 'made-' + name.split('/')[1]);
  mkdirSync(join(folder, 'package', 'bins'), { recursive: true });
  writeFileSync(join(folder, 'package', 'bins', 'llama.node'), 'native');
  writeFileSync(join(folder, 'package', 'package.json'), JSON.stringify({ name, version: fault === 'other' ? '9.9.9' : version }));
  execFileSync('tar', ['-czf', archive, '-C', folder, 'package']);
}
`;
const EMPTY = { name: 'empty-npm-package', version: '1.0.0' };
const LINUX = as('linux', 'x64');

let root: string;
let modules: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'colloquy-llama-gpu-'));
  modules = join(root, 'node_modules');
  await cp(scripts, join(root, 'scripts'), { recursive: true });
  await writeFile(join(root, 'npm-cli.js'), FAKE_NPM);
  await writePackage('node-llama-cpp', { name: 'node-llama-cpp', version: '3.4.5' });
  for (const name of ['linux-x64-cuda', 'linux-x64-cuda-ext', 'linux-x64-vulkan']) {
    await writePackage(`@node-llama-cpp/${name}`, EMPTY);
  }
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function writePackage(path: string, content: object): Promise<void> {
  await mkdir(join(modules, path), { recursive: true });
  await writeFile(join(modules, path, 'package.json'), JSON.stringify(content));
}

/** The script believes that it runs on this machine. */
function as(platform: string, arch: string): string[] {
  const source = `
    Object.defineProperty(process, 'platform', { value: '${platform}' });
    Object.defineProperty(process, 'arch', { value: '${arch}' });
    process.report.getReport = () => ({ header: { glibcVersionRuntime: '2.39' } });`;
  return ['--import', `data:text/javascript,${encodeURIComponent(source)}`];
}

type Outcome = { code: number; output: string; errors: string };

function environment(fault?: string): Record<string, string> {
  const path = [dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter);
  return { PATH: path, npm_execpath: join(root, 'npm-cli.js'), ...(fault && { FAKE_NPM_FAULT: fault }) };
}

function llamaGpu(words: string[], { machine = LINUX, fault }: { machine?: string[]; fault?: string } = {}) {
  const args = [...machine, 'scripts/llama-gpu.mjs', ...words];
  return new Promise<Outcome>((resolve) => {
    execFile(process.execPath, args, { cwd: root, env: environment(fault) }, (error, output, errors) => {
      resolve({ code: error ? Number(error.code) : 0, output, errors });
    });
  });
}

const calls = async () =>
  (await readFile(join(root, 'calls'), 'utf8').catch(() => '')).trim().split('\n').filter(Boolean);
const installed = async (name: string) =>
  JSON.parse(await readFile(join(modules, '@node-llama-cpp', name, 'package.json'), 'utf8'));

async function expectNothingChanged(): Promise<void> {
  expect((await readdir(modules)).sort()).toEqual(['@node-llama-cpp', 'node-llama-cpp']);
  for (const name of await readdir(join(modules, '@node-llama-cpp'))) expect(await installed(name)).toEqual(EMPTY);
}

test('puts both packages for CUDA in place of the empty ones, of the version of node-llama-cpp', async () => {
  const { code, output } = await llamaGpu(['cuda']);
  expect(output).toMatch(/^The build for cuda is there\./);
  expect(code).toBe(0);
  expect(await calls()).toEqual([
    'pack @node-llama-cpp/linux-x64-cuda-ext@3.4.5',
    'pack @node-llama-cpp/linux-x64-cuda@3.4.5',
  ]);
  for (const name of ['linux-x64-cuda', 'linux-x64-cuda-ext']) {
    expect(await installed(name)).toEqual({ name: `@node-llama-cpp/${name}`, version: '3.4.5' });
    expect(await readFile(join(modules, '@node-llama-cpp', name, 'bins', 'llama.node'), 'utf8')).toBe('native');
  }
  expect(await installed('linux-x64-vulkan')).toEqual(EMPTY);
  expect((await readdir(modules)).sort()).toEqual(['@node-llama-cpp', 'node-llama-cpp']);
});

test('gets another version once node-llama-cpp has one', async () => {
  expect((await llamaGpu(['vulkan'])).code).toBe(0);
  await writePackage('node-llama-cpp', { name: 'node-llama-cpp', version: '3.5.0' });
  expect((await llamaGpu(['vulkan'])).code).toBe(0);
  expect(await installed('linux-x64-vulkan')).toEqual({ name: '@node-llama-cpp/linux-x64-vulkan', version: '3.5.0' });
});

test('gets the packages of Windows there, where none may be yet', async () => {
  await rm(join(modules, '@node-llama-cpp'), { recursive: true });
  expect((await llamaGpu(['vulkan'], { machine: as('win32', 'x64') })).code).toBe(0);
  expect(await readdir(join(modules, '@node-llama-cpp'))).toEqual(['win-x64-vulkan']);
});

test.each([
  ['no word', [], /^llama:gpu: Say for what: npm run llama:gpu -- cuda,/],
  ['a word that is none', ['rocm'], /^llama:gpu: Say for what/],
  ['a word that every object knows', ['constructor'], /^llama:gpu: Say for what/],
  ['two words', ['cuda', 'vulkan'], /^llama:gpu: Say for what/],
  ['Metal elsewhere', ['metal'], /^llama:gpu: Metal is what a Mac has\./],
])('refuses %s', async (_name, words, message) => {
  const { code, errors } = await llamaGpu(words);
  expect(code).toBe(1);
  expect(errors).toMatch(message);
  expect(await calls()).toEqual([]);
});

test('says what a Mac has', async () => {
  const metal = await llamaGpu(['metal'], { machine: as('darwin', 'arm64') });
  expect(metal).toEqual({ code: 0, output: expect.stringMatching(/^Nothing is to be got/), errors: '' });
  const cuda = await llamaGpu(['cuda'], { machine: as('darwin', 'arm64') });
  expect(cuda).toEqual({ code: 1, output: '', errors: 'llama:gpu: There is no build for cuda on a Mac.\n' });
  const old = await llamaGpu(['metal'], { machine: as('darwin', 'x64') });
  expect(old).toMatchObject({ code: 1, errors: expect.stringContaining('Apple silicon') });
  expect(await calls()).toEqual([]);
});

test('refuses machines without builds', async () => {
  const { code, errors } = await llamaGpu(['cuda'], { machine: as('linux', 'arm64') });
  expect(code).toBe(1);
  expect(errors).toMatch(/^llama:gpu: There are builds for Linux and Windows on x64 only, not for linux-arm64\.\n$/);
  await rm(join(modules, 'node-llama-cpp'), { recursive: true });
  expect((await llamaGpu(['cuda'])).errors).toMatch(/^llama:gpu: The package node-llama-cpp is not installed/);
  expect(await calls()).toEqual([]);
});

test.each([
  ['the registry is out of reach', 'offline', /ENOTFOUND\n.*cannot be got\. Is the package registry within reach\?/s],
  ['the second of two packages cannot be got', 'second', /cuda@3\.4\.5 cannot be got/],
  ['what came is no archive', 'broken', /The build cannot be unpacked: /],
  ['what came is another version', 'other', /What the package registry gave is not /],
])('leaves everything as it was where %s', async (_name, fault, message) => {
  const { code, errors } = await llamaGpu(['cuda'], { fault });
  expect(code).toBe(1);
  expect(errors).toMatch(message);
  expect(errors).toContain('Nothing has been changed.');
  await expectNothingChanged();
});

test('leaves everything as it was where it is ended in the middle', async () => {
  const args = [...LINUX, 'scripts/llama-gpu.mjs', 'vulkan'];
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: environment('hangs'),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = text(child.stderr);
  const ended = once(child, 'exit');
  await expect
    .poll(() => readdir(join(modules, '.llama-gpu', 'linux-x64-vulkan.download')).catch(() => []))
    .toHaveLength(1);
  child.kill('SIGTERM');
  expect(await ended).toEqual([143, null]);
  expect(await output).toMatch(/^Getting @node-llama-cpp\/linux-x64-vulkan@3\.4\.5/);
  await expectNothingChanged();
});
