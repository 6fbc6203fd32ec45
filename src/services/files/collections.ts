import { AppError, notFound } from '../../errors.ts';
import type { PrismaClient, Visibility } from '../../generated/prisma/client.ts';
import type { Bus } from '../../ports/bus.ts';
import type { JobQueue } from '../../ports/job-queue.ts';
import type { Sql } from '../../ports/sql.ts';
import { type FileViewer, OWN_COLLECTION, ownCollections, visibleCollections } from './access.ts';
import { type RemovalDependencies, removeScope } from './remove-files.ts';

export type CollectionsDependencies = RemovalDependencies & {
  prisma: PrismaClient;
  sql: Sql;
  queue: Pick<JobQueue, 'wake'>;
  bus: Bus;
  now: () => Date;
  createId: () => string;
};

export type NewCollection = { name: string; description: string | null; visibility: Visibility };
/** What is left out stays as it is; an empty description is none. */
export type CollectionChanges = { name?: string | null; description?: string | null };
export type CollectionCounts = { files: number; chunks: number };

export type Collections = ReturnType<typeof createCollections>;

export function createCollections(deps: CollectionsDependencies) {
  const { prisma, sql, now } = deps;

  /** Returns the id. Throws FORBIDDEN where somebody who is no admin wants to make one for all. */
  async function create(viewer: FileViewer, { name, description, visibility }: NewCollection): Promise<string> {
    if (visibility === 'SHARED' && !viewer.isAdmin) {
      throw new AppError({ code: 'FORBIDDEN', message: 'Only an admin may make a collection for everybody.' });
    }
    const id = deps.createId();
    await prisma.collection.create({
      data: { id, userId: viewer.userId, name, description, visibility, createdAt: now(), updatedAt: now() },
    });
    return id;
  }

  async function update(viewer: FileViewer, id: string, { name, description }: CollectionChanges): Promise<void> {
    const { count } = await prisma.collection.updateMany({
      where: { id, AND: ownCollections(viewer) },
      data: {
        updatedAt: now(),
        ...(name != null && { name }),
        ...(description !== undefined && { description: description || null }),
      },
    });
    if (count === 0) throw notFound('collection');
  }

  /** With all its files. What they have outside the database goes soon after. */
  async function remove(viewer: FileViewer, id: string): Promise<void> {
    const { userId, isAdmin } = viewer;
    const fileIds = await sql.transaction(async (runner) => {
      // Nothing is added to it from here on.
      const own = `SELECT 1 FROM collections c WHERE ${OWN_COLLECTION} AND c.id = $3 FOR UPDATE`;
      if ((await runner.query(own, [userId, isAdmin, id])).length === 0) throw notFound('collection');
      const removed = await removeScope(deps, runner, id);
      await runner.query('DELETE FROM collections WHERE id = $1', [id]);
      return removed;
    });
    deps.queue.wake('purge-file');
    deps.queue.wake('purge-scope');
    for (const fileId of fileIds) deps.bus.publish('file-changed', fileId, {});
  }

  /** Of many in one statement. */
  async function counts(ids: string[]): Promise<Map<string, CollectionCounts>> {
    const groups = await prisma.file.groupBy({
      by: ['collectionId'],
      where: { collectionId: { in: ids } },
      _count: { _all: true },
      _sum: { chunkCount: true },
    });
    return new Map(
      groups.map(({ collectionId, _count, _sum }) => [
        collectionId ?? '',
        { files: _count._all, chunks: _sum.chunkCount ?? 0 },
      ]),
    );
  }

  return {
    create,
    update,
    remove,
    counts,
    /** The condition for collections that somebody may see. */
    visible: visibleCollections,
  };
}
