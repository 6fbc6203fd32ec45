import type { Prisma } from '../../generated/prisma/client.ts';

/** What the rights to files hang on. */
export type FileViewer = { userId: string; isAdmin: boolean };

/** Own collections, and those that are for all. */
export function visibleCollections({ userId }: Pick<FileViewer, 'userId'>): Prisma.CollectionWhereInput {
  return { OR: [{ userId }, { visibility: 'SHARED' }] };
}

/** Own collections; an admin keeps the ones for all too. */
export function ownCollections({ userId, isAdmin }: FileViewer): Prisma.CollectionWhereInput {
  return isAdmin ? { OR: [{ userId }, { visibility: 'SHARED' }] } : { userId };
}

/** Own files, and those of every collection that may be seen. */
export function visibleFiles(viewer: Pick<FileViewer, 'userId'>): Prisma.FileWhereInput {
  return { OR: [{ userId: viewer.userId }, { collection: visibleCollections(viewer) }] };
}

/** Whose bytes may be had: one's own; an admin also has those of the collections for all. */
export function downloadableFiles({ userId, isAdmin }: FileViewer): Prisma.FileWhereInput {
  return isAdmin ? { OR: [{ userId }, { collection: { visibility: 'SHARED' } }] } : { userId };
}

/** `ownCollections` in SQL, for a collection `c`. $1: the user's id, $2: whether he is an admin. */
export const OWN_COLLECTION = `(c.user_id = $1::uuid OR ($2::boolean AND c.visibility = 'SHARED'))`;

/** Files that may be changed, in SQL, for a file `f` and its collection `c`, if any. Parameters as above. */
export const OWN_FILE = `(f.user_id = $1::uuid OR ${OWN_COLLECTION})`;
