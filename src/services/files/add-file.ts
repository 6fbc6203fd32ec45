import { AppError, badInput, deletedMeanwhile, notFound } from '../../errors.ts';
import type { PrismaClient } from '../../generated/prisma/client.ts';
import type { FileReader } from '../../ports/file-reader.ts';
import type { FileStore, StoredUpload } from '../../ports/file-store.ts';
import type { JobQueue } from '../../ports/job-queue.ts';
import type { Sql, SqlRunner } from '../../ports/sql.ts';
import { FILLABLE_COLLECTION, type FileViewer, fillableCollections } from './access.ts';
import { safeFileName } from './file-name.ts';

export type AddFileDependencies = {
  prisma: PrismaClient;
  sql: Sql;
  store: FileStore;
  reader: Pick<FileReader, 'detect'>;
  queue: Pick<JobQueue, 'enqueue' | 'wake'>;
  /** What the files of one user may take. */
  maxUserBytes: number;
  now: () => Date;
  createId: () => string;
};

export type NewFile = { name: string | null; collectionId: string | null };
/** `created` is false where the same bytes were there already. */
export type AddedFile = { id: string; created: boolean };

type FileRow = NewFile & { id: string; scopeId: string; kind: string; mimeType: string; size: number; sha256: string };

const MEGABYTE = 1_048_576;

/** Makes received bytes a file that waits to be read. */
export function createAddFile(deps: AddFileDependencies) {
  const { prisma, store } = deps;

  /** Before anything is sent in vain. Throws NOT_FOUND, or FORBIDDEN, where the viewer may not put anything. */
  async function requirePlace(viewer: FileViewer, given: string | null): Promise<void> {
    const collectionId = placeOf(viewer, given);
    if (collectionId) await requireCollection(viewer, collectionId);
  }

  async function requireCollection(viewer: FileViewer, collectionId: string): Promise<void> {
    const where = { id: collectionId, AND: fillableCollections(viewer) };
    if ((await prisma.collection.count({ where })) === 0) throw noPlace(viewer, collectionId);
  }

  /**
   * Takes the upload, whatever comes of it. The same bytes twice in one collection, or outside of any, are one file: the
   * one that is there is answered, as it is. Throws NOT_FOUND (collection), BAD_USER_INPUT (empty),
   * UNSUPPORTED_MEDIA_TYPE, QUOTA_EXCEEDED, FORBIDDEN (an API key without a collection).
   */
  async function add(viewer: FileViewer, upload: StoredUpload, { name, ...target }: NewFile): Promise<AddedFile> {
    const { size, sha256 } = upload;
    try {
      const collectionId = placeOf(viewer, target.collectionId);
      const scopeId = collectionId ?? viewer.userId;
      if (collectionId) await requireCollection(viewer, collectionId);
      if (size === 0) throw badInput({ 'input.file': 'The file is empty.' });
      const where = { scopeId_sha256: { scopeId, sha256 } };
      const twin = await prisma.file.findUnique({ where, select: { id: true } });
      if (twin) return { id: twin.id, created: false };
      const shownName = safeFileName(name);
      const detected = await deps.reader.detect(upload.path, shownName);
      if (!detected) throw unsupported();
      const row = { id: deps.createId(), scopeId, collectionId, name: shownName, ...detected, size, sha256 };
      return await keep(viewer, upload, row);
    } finally {
      await store.discard(upload);
    }
  }

  /** The bytes are there before the row is, so that whoever finds the row can read them; without it they go again. */
  async function keep(viewer: FileViewer, upload: StoredUpload, row: FileRow): Promise<AddedFile> {
    await store.keep(upload, row.id);
    let added: AddedFile | undefined;
    try {
      added = await deps.sql.transaction((sql) => insert(sql, viewer, row));
    } finally {
      // A commit whose answer was lost may have happened. What cannot be found out is left to the next sweep.
      const orphaned = added ? !added.created : await isMissing(row.id);
      if (orphaned) await store.remove(row.id);
    }
    if (added.created) deps.queue.wake('ingest-file');
    return added;
  }

  async function isMissing(id: string): Promise<boolean> {
    return prisma.file.count({ where: { id } }).then(
      (count) => count === 0,
      () => false,
    );
  }

  async function insert(sql: SqlRunner, viewer: FileViewer, row: FileRow): Promise<AddedFile> {
    const { userId, isAdmin, key } = viewer;
    // One upload of a user at a time from here on: two could otherwise both find room for themselves alone. Weak enough
    // to let whatever else refers to the user go on.
    const user = await sql.query('SELECT 1 FROM users WHERE id = $1 AND disabled_at IS NULL FOR NO KEY UPDATE', [
      userId,
    ]);
    // It came while its account was closed, perhaps to be deleted with all files that it has.
    if (user.length === 0) throw new AppError({ code: 'UNAUTHENTICATED', message: 'This account is closed.' });
    if (row.collectionId) {
      const own = `SELECT 1 FROM collections c WHERE ${FILLABLE_COLLECTION} AND c.id = $4 FOR KEY SHARE`;
      const found = await sql.query(own, [userId, isAdmin, key?.collectionId ?? null, row.collectionId]);
      if (found.length === 0) throw noPlace(viewer, row.collectionId);
    }
    const inserted = await sql.query<{ id: string }>(
      `INSERT INTO files (id, user_id, collection_id, scope_id, name, kind, mime_type, size, sha256, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
       ON CONFLICT (scope_id, sha256) DO NOTHING RETURNING id`,
      [
        row.id,
        userId,
        row.collectionId,
        row.scopeId,
        row.name,
        row.kind,
        row.mimeType,
        row.size,
        row.sha256,
        deps.now(),
      ],
    );
    if (inserted.length === 0) return { id: await twinOf(sql, row), created: false };
    const [total] = await sql.query<{ used: number }>(
      'SELECT coalesce(sum(size), 0)::float8 AS used FROM files WHERE user_id = $1',
      [userId],
    );
    if (Number(total?.used) > deps.maxUserBytes) throw quotaExceeded(Number(total?.used) - row.size, deps.maxUserBytes);
    await deps.queue.enqueue(sql, 'ingest-file', [{ fileId: row.id, generation: 1 }]);
    return { id: row.id, created: true };
  }

  return { add, requirePlace };
}

/** What an API key sends goes into its collection. Throws FORBIDDEN where it has none. */
function placeOf({ key }: FileViewer, collectionId: string | null): string | null {
  if (!key) return collectionId;
  if (!key.collectionId) throw unbound();
  return collectionId ?? key.collectionId;
}

/** A key's own collection may have been deleted since the key was looked up. */
function noPlace({ key }: FileViewer, collectionId: string): AppError {
  return key?.collectionId === collectionId ? unbound() : notFound('collection');
}

function unbound(): AppError {
  const message = 'This API key is bound to no collection, so it cannot upload. Ask an admin for one that is.';
  return new AppError({ code: 'FORBIDDEN', message });
}

async function twinOf(sql: SqlRunner, { scopeId, sha256 }: FileRow): Promise<string> {
  const query = 'SELECT id FROM files WHERE scope_id = $1 AND sha256 = $2';
  const [twin] = await sql.query<{ id: string }>(query, [scopeId, sha256]);
  if (twin) return twin.id;
  throw deletedMeanwhile();
}

function unsupported(): AppError {
  return new AppError({
    code: 'UNSUPPORTED_MEDIA_TYPE',
    message:
      'This kind of file cannot be read. What can be: PDF, Word, Excel, PowerPoint, OpenDocument, EPUB, HTML, Markdown, plain text, source code, CSV and JSON.',
  });
}

function quotaExceeded(used: number, most: number): AppError {
  const left = Math.max(0, most - used);
  return new AppError({
    code: 'QUOTA_EXCEEDED',
    message: `There is no room for this file: ${megabytes(left)} of your ${megabytes(most)} are left. Delete files that you do not need any more.`,
  });
}

function megabytes(bytes: number): string {
  return `${(Math.floor((bytes / MEGABYTE) * 10) / 10).toLocaleString('en')} MB`;
}
