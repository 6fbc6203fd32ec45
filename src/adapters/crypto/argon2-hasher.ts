import { hash, verify } from '@node-rs/argon2';
import type { PasswordHasher } from '../../ports/password-hasher.ts';

/** argon2id with 19 MiB, 2 passes and 1 lane: OWASP's first recommendation. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export function createArgon2Hasher(): PasswordHasher {
  // Hashed against when there is no account, so that the time does not tell.
  let decoy: Promise<string> | undefined;
  let common: Promise<Set<string>> | undefined;
  return {
    hash: (password) => hash(password, PARAMETERS),
    async verify(stored, password) {
      decoy ??= hash('no account has this password', PARAMETERS);
      const matches = await verify(stored ?? (await decoy), password);
      return stored !== null && matches;
    },
    async isCommon(password) {
      common ??= loadCommonPasswords();
      return (await common).has(password.toLowerCase());
    },
  };
}

/** Loaded when the first password is chosen: most processes never need it. */
async function loadCommonPasswords(): Promise<Set<string>> {
  const { dictionary } = await import('@zxcvbn-ts/language-common');
  return new Set(dictionary['passwords-common'] as string[]);
}
