import type { FileFieldsFragment, FileStatus } from '@colloquy/sdk';
import { formatBytes } from '../util/format-bytes.ts';
import { findCollection } from './collections.ts';
import { requireConsent } from './consent.ts';
import { pages, take } from './pages.ts';
import type { Remote } from './remote.ts';

export type ListFilesOptions = {
  collection?: string | undefined;
  status?: FileStatus | undefined;
  text?: string | undefined;
  limit: number;
};

export async function listFiles(remote: Remote, { collection, status, text, limit }: ListFilesOptions): Promise<void> {
  const { client, output, signal } = remote;
  const filter = {
    ...(collection !== undefined && { collectionId: await findCollection(remote, collection) }),
    ...(status !== undefined && { status }),
    ...(text !== undefined && { text }),
  };
  const { taken, more } = await take(
    pages((page) => client.files({ ...page, filter }, { signal })),
    limit,
  );
  output.list(taken, {
    head: ['NAME', 'SIZE', 'STATUS', 'COLLECTION', 'ADDED', 'ID'],
    rows: taken.map((file) => [
      file.name,
      formatBytes(file.size),
      stateOf(file),
      file.collection?.name ?? '',
      file.createdAt,
      file.id,
    ]),
    nothing: 'There are no files.',
  });
  if (more) output.note(`There are more; --limit ${limit * 2} shows them.`);
}

/** Those that are gone when one cannot be deleted are gone. */
export async function deleteFiles(remote: Remote, ids: string[], yes: boolean | undefined): Promise<void> {
  const { client, output, signal } = remote;
  const what = ids.length === 1 ? 'this file' : `these ${ids.length} files`;
  await requireConsent(`Delete ${what} with everything that was made of it?`, yes);
  for (const id of ids) {
    await client.deleteFile(id, { signal });
    output.show({ deleted: id }, `${id} is deleted.\n`);
  }
}

export function stateOf({ status, progress, error }: FileFieldsFragment): string {
  if (status === 'PROCESSING') return `being read, ${Math.floor(progress * 100)} %`;
  if (status === 'FAILED') return `failed: ${error ?? 'for an unknown reason'}`;
  return status === 'READY' ? 'ready' : 'waits';
}
