import { createHash, randomBytes } from 'node:crypto';

export type NewSecret = { secret: string; prefix: string; hash: string };

const SECRET_BYTES = 32;
const PREFIX_LENGTH = 12;
/** "api_" and 32 bytes in base64url. */
const SECRET = /^api_[\w-]{43}$/;

export function createSecret(): NewSecret {
  const secret = `api_${randomBytes(SECRET_BYTES).toString('base64url')}`;
  return { secret, prefix: secret.slice(0, PREFIX_LENGTH), hash: hashSecret(secret) };
}

/** All that is stored. A secret is random, so nothing that is slow is needed, and it is found by an index. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/** Whether it has the form of one. What has not is never looked up. */
export function isSecret(text: string): boolean {
  return SECRET.test(text);
}
