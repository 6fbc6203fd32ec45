import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createModelFiles } from '../../src/adapters/models/llama/model-files.ts';

let root: string;
let folder: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'colloquy-models-'));
  folder = join(root, 'models');
  await mkdir(join(folder, 'a-folder.gguf'), { recursive: true });
  for (const name of ['b.gguf', 'A.GGUF', '.hidden.gguf', 'c.gguf.part', 'notes.txt'])
    await writeFile(join(folder, name), name);
  for (const part of [1, 2, 3]) await writeFile(join(folder, `big-0000${part}-of-00003.gguf`), 'x'.repeat(part));
  await writeFile(join(folder, 'lost-00001-of-00002.gguf'), 'x');
  await writeFile(join(root, 'outside.gguf'), 'outside');
  await symlink(join(root, 'outside.gguf'), join(folder, 'link.gguf'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

it('lists the files that are models, one of several parts as one, and nothing half', async () => {
  const files = createModelFiles({ modelPath: null, folder });
  expect((await files.list()).map(({ name, sizeBytes }) => [name, sizeBytes])).toEqual([
    ['A.GGUF', 6],
    ['b.gguf', 6],
    ['big-00001-of-00003.gguf', 6],
    // What the admin links to is meant to be there.
    ['link.gguf', 7],
  ]);
});

it('has the file of MODEL_PATH first, wherever it lies', async () => {
  const files = createModelFiles({ modelPath: join(root, 'outside.gguf'), folder });
  expect((await files.list())[0]?.name).toBe('outside.gguf');
  expect((await files.find('outside.gguf'))?.path).toBe(join(root, 'outside.gguf'));
  expect(await createModelFiles({ modelPath: join(root, 'gone.gguf'), folder }).find('gone.gguf')).toBeNull();
});

it.each([
  '../outside.gguf',
  '..\\outside.gguf',
  'a/../../outside.gguf',
  '/etc/passwd',
  '',
  '.',
  '..',
  '.hidden.gguf',
  'b.gguf\0',
  'c.gguf.part',
  'notes.txt',
  'a-folder.gguf',
  'big-00002-of-00003.gguf',
  'lost-00001-of-00002.gguf',
])('finds nothing by the name %j', async (name) => {
  expect(await createModelFiles({ modelPath: null, folder }).find(name)).toBeNull();
});

it('lists nothing where there is no folder', async () => {
  expect(await createModelFiles({ modelPath: null, folder: join(root, 'nowhere') }).list()).toEqual([]);
});
