import { AppError, deletedMeanwhile, notFound } from '../../errors.ts';
import type { File, FileStatus, Prisma } from '../../generated/prisma/client.ts';
import type { Bus } from '../../ports/bus.ts';
import type { ByteRange } from '../../ports/file-store.ts';
import type { SqlRunner } from '../../ports/sql.ts';
import type { Delay } from '../../util/delay.ts';
import { downloadableFiles, type FileViewer, OWN_FILE, visibleCollections, visibleFiles } from './access.ts';
import { type AddFileDependencies, createAddFile } from './add-file.ts';
import { readText } from './file-text.ts';
import { type RemovalDependencies, removeFiles, removeScope } from './remove-files.ts';
import { watchFile } from './watch-file.ts';

export type FilesDependencies = AddFileDependencies &
  RemovalDependencies & {
    bus: Bus;
    delay: Delay;
    /** Largest file. */
    maxUploadBytes: number;
    /** Where people reach the server. */
    baseUrl: () => string;
  };

export type FileFilter = { status?: FileStatus | null; collectionId?: string | null; text?: string | null };

export type Files = ReturnType<typeof createFiles>;

const REMOVED_AT_ONCE = 500;

export function createFiles(deps: FilesDependencies) {
  const { prisma, sql, store, bus } = deps;
  const { add, requirePlace } = createAddFile(deps);

  /** A file that the viewer may change, locked until the transaction ends. */
  async function lock(runner: SqlRunner, { userId, isAdmin }: FileViewer, id: string) {
    const [file] = await runner.query<{ scopeId: string; status: FileStatus; generation: number }>(
      `SELECT f.scope_id AS "scopeId", f.status, f.generation
       FROM files f LEFT JOIN collections c ON c.id = f.collection_id
       WHERE ${OWN_FILE} AND f.id = $3 FOR UPDATE OF f`,
      [userId, isAdmin, id],
    );
    if (!file) throw notFound('file');
    return file;
  }

  /** Deletes it with everything that was made of it. What is outside the database goes soon after. */
  async function remove(viewer: FileViewer, id: string): Promise<void> {
    await sql.transaction(async (runner) => {
      const { scopeId } = await lock(runner, viewer, id);
      await removeFiles(deps, runner, scopeId, [id]);
    });
    deps.queue.wake('purge-file');
    bus.publish('file-changed', id, {});
  }

  /** Has a file read anew that has FAILED. Throws CONFLICT for any other. */
  async function retry(viewer: FileViewer, id: string): Promise<void> {
    await sql.transaction(async (runner) => {
      const { status, generation } = await lock(runner, viewer, id);
      if (status !== 'FAILED') {
        throw new AppError({ code: 'CONFLICT', message: 'Only a file that could not be read can be tried again.' });
      }
      await runner.query(
        `UPDATE files SET status = 'QUEUED', generation = $2, progress = 0, attempts = 0, error = NULL WHERE id = $1`,
        [id, generation + 1],
      );
      await deps.queue.enqueue(runner, 'ingest-file', [{ fileId: id, generation: generation + 1 }]);
    });
    deps.queue.wake('ingest-file');
    bus.publish('file-changed', id, {});
  }

  /** Everything that a user has uploaded, before the user goes: collections with all in them, and all other files. */
  async function removeAllOf(userId: string): Promise<void> {
    const collections = await prisma.collection.findMany({ where: { userId }, select: { id: true } });
    for (const scopeId of [...collections.map(({ id }) => id), userId]) {
      await sql.transaction((runner) => removeScope(deps, runner, scopeId));
    }
    await prisma.collection.deleteMany({ where: { userId, files: { none: {} } } });
    // What is left is in collections of others.
    for (;;) {
      const files = await prisma.file.findMany({
        where: { userId },
        select: { id: true, scopeId: true },
        orderBy: { scopeId: 'asc' },
        take: REMOVED_AT_ONCE,
      });
      if (files.length === 0) break;
      for (const [scopeId, group] of Map.groupBy(files, (file) => file.scopeId)) {
        await sql.transaction((runner) =>
          removeFiles(
            deps,
            runner,
            scopeId,
            group.map(({ id }) => id),
          ),
        );
      }
    }
    deps.queue.wake('purge-file');
    deps.queue.wake('purge-scope');
  }

  /** The condition for a list: the viewer's own files, or those of a collection that he may see. Throws NOT_FOUND. */
  async function where(viewer: FileViewer, filter: FileFilter | null | undefined): Promise<Prisma.FileWhereInput> {
    const { status, collectionId, text } = filter ?? {};
    if (collectionId) {
      const seen = { id: collectionId, AND: visibleCollections(viewer) };
      if ((await prisma.collection.count({ where: seen })) === 0) throw notFound('collection');
    }
    // The database would read these as wildcards.
    const contains = text?.trim().replace(/[\\%_]/g, '\\$&');
    return {
      ...(collectionId ? { collectionId } : { userId: viewer.userId }),
      ...(status && { status }),
      ...(contains && { name: { contains, mode: 'insensitive' as const } }),
    };
  }

  /** Throws NOT_FOUND for what the viewer may not see. */
  async function watch(viewer: FileViewer, id: string, signal?: AbortSignal): Promise<AsyncIterableIterator<File>> {
    const find = () => prisma.file.findUnique({ where: { id, AND: visibleFiles(viewer) } });
    if (!(await find())) throw notFound('file');
    return watchFile(deps, id, find, signal);
  }

  /** The file that the viewer may download. Null: there is none. */
  function downloadable(viewer: FileViewer, id: string): Promise<File | null> {
    return prisma.file.findUnique({ where: { id, AND: downloadableFiles(viewer) } });
  }

  return {
    maxUploadBytes: deps.maxUploadBytes,
    maxUserBytes: deps.maxUserBytes,
    /** Streams to disk, within the limit; `add` or `discard` has to follow. */
    receive: (source: Parameters<typeof store.receive>[0], signal?: AbortSignal) =>
      store.receive(source, { maxBytes: deps.maxUploadBytes, signal }),
    discard: store.discard,
    add,
    requirePlace,
    remove,
    retry,
    removeAllOf,
    where,
    /** The condition for files that somebody may see. */
    visible: visibleFiles,
    watch,
    downloadable,
    /** What was just uploaded, as it is now, with the name of its collection. */
    async describe(id: string) {
      const include = { collection: { select: { id: true, name: true } } };
      const file = await prisma.file.findUnique({ where: { id }, include });
      if (!file) throw deletedMeanwhile();
      return file;
    },
    openBytes: (id: string, range?: ByteRange) => store.open(id, range),
    /** A stretch of the extracted text; null before there is any. */
    text: (id: string, start: number, end: number | null) => readText(sql, id, start, end),
    downloadUrl: (id: string) => `${deps.baseUrl().replace(/\/+$/, '')}/files/${id}`,
  };
}
