import { type ApiKeyFieldsFragment, ApiKeysDocument, type Client } from '@colloquy/sdk';
import { EXIT, Failure } from './exit-codes.ts';
import { isGlobalId } from './global-id.ts';
import { pages } from './pages.ts';
import type { Remote } from './remote.ts';

type Key = ApiKeyFieldsFragment;

/** By its id, the name of its client, or its beginning. Throws Failure. */
export async function findKey({ client, signal }: Remote, wanted: string): Promise<Key> {
  const isId = isGlobalId('ApiKey', wanted);
  for await (const key of keysOf(client, signal)) {
    if (isId ? key.id === wanted : key.clientName === wanted || key.prefix === wanted) return key;
  }
  throw new Failure(`There is no API key "${wanted}".`, EXIT.missing);
}

/** The newest first. */
export function keysOf(client: Client, signal: AbortSignal): AsyncGenerator<Key> {
  return pages(async (page) => (await client.query(ApiKeysDocument, page, { signal })).apiKeys);
}
