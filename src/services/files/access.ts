import type { Prisma } from '../../generated/prisma/client.ts';

/** What the rights to files hang on. `key`: of an API key, the one collection that it sees, if any. */
export type FileViewer = { userId: string; isAdmin: boolean; key: { collectionId: string | null } | null };

/** Finds nothing. */
const NONE = { id: { in: [] } };

/** Own collections, and those that are for all. Of an API key its collection. */
export function visibleCollections({ userId, key }: Pick<FileViewer, 'userId' | 'key'>): Prisma.CollectionWhereInput {
  if (key) return key.collectionId ? { id: key.collectionId } : NONE;
  return { OR: [{ userId }, { visibility: 'SHARED' }] };
}

/** Own collections; an admin keeps the ones for all too. An API key has none. */
export function ownCollections({ userId, isAdmin }: FileViewer): Prisma.CollectionWhereInput {
  return isAdmin ? { OR: [{ userId }, { visibility: 'SHARED' }] } : { userId };
}

/** What somebody may put files into. */
export function fillableCollections(viewer: FileViewer): Prisma.CollectionWhereInput {
  return viewer.key ? visibleCollections(viewer) : ownCollections(viewer);
}

/** Own files, and those of every collection that may be seen. */
export function visibleFiles(viewer: Pick<FileViewer, 'userId' | 'key'>): Prisma.FileWhereInput {
  return { OR: [{ userId: viewer.userId }, { collection: visibleCollections(viewer) }] };
}

/**
 * Whose bytes may be had: one's own, and what API keys have put into one's collections; an admin also has those of the
 * collections for all.
 */
export function downloadableFiles({ userId, isAdmin }: FileViewer): Prisma.FileWhereInput {
  const own = [{ userId }, { collection: { userId }, user: { kind: 'KEY' as const } }];
  return { OR: isAdmin ? [...own, { collection: { visibility: 'SHARED' } }] : own };
}

/** `ownCollections` in SQL, for a collection `c`. $1: the user's id, $2: whether he is an admin. */
export const OWN_COLLECTION = `(c.user_id = $1::uuid OR ($2::boolean AND c.visibility = 'SHARED'))`;

/** `fillableCollections` in SQL, likewise; $3: of an API key, its collection. */
export const FILLABLE_COLLECTION = `(${OWN_COLLECTION} OR c.id = $3::uuid)`;

/** Files that may be changed, in SQL, for a file `f` and its collection `c`, if any. Parameters as above. */
export const OWN_FILE = `(f.user_id = $1::uuid OR ${OWN_COLLECTION})`;
