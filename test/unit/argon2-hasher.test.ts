import { beforeEach, expect, test, vi } from 'vitest';
import { createArgon2Hasher } from '../../src/adapters/crypto/argon2-hasher.ts';

const { verified } = vi.hoisted(() => ({ verified: [] as string[] }));
vi.mock('@node-rs/argon2', async (importOriginal) => {
  const original = await importOriginal<typeof import('@node-rs/argon2')>();
  return {
    ...original,
    verify: (hash: string, password: string) => {
      verified.push(hash);
      return original.verify(hash, password);
    },
  };
});

beforeEach(() => {
  verified.length = 0;
});

test('a password is kept as argon2id and found again', async () => {
  const hasher = createArgon2Hasher();
  const stored = await hasher.hash('a passphrase for tests');
  expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await hasher.hash('a passphrase for tests')).not.toBe(stored);
  expect(await hasher.verify(stored, 'a passphrase for tests')).toBe(true);
  expect(await hasher.verify(stored, 'a passphrase for tests ')).toBe(false);
});

test('where there is no account, a hash of the same cost is computed all the same, and never matches', async () => {
  const hasher = createArgon2Hasher();
  expect(await hasher.verify(null, 'a passphrase for tests')).toBe(false);
  expect(await hasher.verify(null, 'no account has this password')).toBe(false);
  expect(verified).toEqual(Array(2).fill(expect.stringMatching(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)));
});

test('the common passwords are known, whatever their case', async () => {
  const hasher = createArgon2Hasher();
  for (const password of ['password', 'PASSWORD', 'Qwertyuiop', '12345678', 'iloveyou']) {
    expect(await hasher.isCommon(password), password).toBe(true);
  }
  expect(await hasher.isCommon('a passphrase for tests')).toBe(false);
});
