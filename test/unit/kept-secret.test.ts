import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { keptSecret } from '../../src/adapters/crypto/kept-secret.ts';

/** A file is there, and empty, before it has its content; here long enough that others can see it so. */
vi.mock('node:fs/promises', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:fs/promises')>();
  const writeSlowly: typeof original.writeFile = async (file, data, options) => {
    await original.writeFile(file, '', options);
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    await original.writeFile(file, data);
  };
  return { ...original, writeFile: writeSlowly };
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'colloquy-secret-'));
  onTestFinished(() => rm(folder, { recursive: true }));
});

test('a secret is made once, long and random, and read by its owner alone', async () => {
  const secret = await keptSecret(folder, 'jwt');
  expect(secret).toMatch(/^[\w-]{64}$/);
  expect(await keptSecret(folder, 'jwt')).toBe(secret);
  expect(await keptSecret(folder, 'other')).not.toBe(secret);
  expect((await stat(join(folder, 'secrets', 'jwt'))).mode & 0o777).toBe(0o600);
  expect((await stat(join(folder, 'secrets'))).mode & 0o777).toBe(0o700);
});

test('of many that start at once, all have the same one, whole', async () => {
  const secrets = await Promise.all(Array.from({ length: 10 }, () => keptSecret(folder, 'jwt')));
  expect(new Set(secrets)).toEqual(new Set([await readFile(join(folder, 'secrets', 'jwt'), 'utf8')]));
  expect(await readdir(join(folder, 'secrets'))).toEqual(['jwt']);
});

test('one that was cut short is not used', async () => {
  await keptSecret(folder, 'jwt');
  await writeFile(join(folder, 'secrets', 'jwt'), 'short');
  await expect(keptSecret(folder, 'jwt')).rejects.toThrow(/too short/);
});
