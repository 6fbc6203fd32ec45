import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { createDiskStore } from '../../src/adapters/files/disk-store.ts';
import { describeFileStore } from './file-store.ts';

async function createBench() {
  const parent = await mkdtemp(join(tmpdir(), 'colloquy-store-'));
  onTestFinished(() => rm(parent, { recursive: true, force: true }));
  const folder = join(parent, 'files');
  let passed = 0;
  const store = createDiskStore({ folder, now: () => new Date(Date.now() + passed) });
  const names = (path: string) => readdir(path).catch(() => [] as string[]);
  return {
    folder,
    store,
    count: async () => ({
      kept: (await names(folder)).filter((name) => name !== 'incoming').length,
      incoming: (await names(join(folder, 'incoming'))).length,
    }),
    pass: (milliseconds: number) => {
      passed += milliseconds;
    },
  };
}

describeFileStore('on disk', createBench);

test('nobody else on the machine can read what the disk store keeps', async () => {
  const { store, folder } = await createBench();
  const id = '018f0000-0000-7000-8000-000000000000';
  await store.keep(await store.receive(Readable.from([Buffer.from('secret')]), { maxBytes: 100 }), id);
  const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);
  expect(await mode(folder)).toBe('700');
  expect(await mode(join(folder, 'incoming'))).toBe('700');
  expect(await mode(store.pathOf(id))).toBe('600');
});

test('a sweep leaves alone what is not the disk store’s own', async () => {
  const { store, folder, pass } = await createBench();
  await store.discard(await store.receive(Readable.from([Buffer.from('x')]), { maxBytes: 100 }));
  await writeFile(join(folder, 'README'), 'mine');
  pass(10 * 3_600_000);
  expect(await store.sweep(async () => new Set())).toBe(0);
  expect((await readdir(folder)).sort()).toEqual(['README', 'incoming']);
});
