import { AppError, notFound } from '../../errors.ts';
import type { Collection, PrismaClient, Visibility } from '../../generated/prisma/client.ts';
import type { Actor, AuditAction, AuditEntry, RecordAudit } from '../../ports/audit-log.ts';
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
  record: RecordAudit;
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

  /** Those for everybody are kept by admins; what people do with their own is nobody's business. */
  async function recordShared(
    actor: Actor,
    action: AuditAction,
    { id, name, visibility }: Pick<Collection, 'id' | 'name' | 'visibility'>,
    details?: AuditEntry['details'],
    transaction?: Parameters<RecordAudit>[1],
  ): Promise<void> {
    if (visibility !== 'SHARED') return;
    const subject = { type: 'Collection', id, name };
    await deps.record({ actor, action, subject, ...(details && { details }) }, transaction);
  }

  /** Returns the id. Throws FORBIDDEN where somebody who is no admin wants to make one for all. */
  async function create(viewer: FileViewer, actor: Actor, given: NewCollection): Promise<string> {
    if (given.visibility === 'SHARED' && !viewer.isAdmin) {
      throw new AppError({ code: 'FORBIDDEN', message: 'Only an admin may make a collection for everybody.' });
    }
    const made = { ...given, id: deps.createId() };
    await prisma.$transaction(async (transaction) => {
      const data = { ...made, userId: viewer.userId, createdAt: now(), updatedAt: now() };
      await transaction.collection.create({ data });
      await recordShared(actor, 'collection-created', made, undefined, transaction);
    });
    return made.id;
  }

  async function update(viewer: FileViewer, actor: Actor, id: string, changes: CollectionChanges): Promise<void> {
    const { name, description } = changes;
    const details = {
      ...(name != null && { name }),
      ...(description !== undefined && { description: description || null }),
    };
    await prisma.$transaction(async (transaction) => {
      const [collection] = await transaction.collection.updateManyAndReturn({
        where: { id, AND: ownCollections(viewer) },
        data: { updatedAt: now(), ...details },
        select: { id: true, name: true, visibility: true },
      });
      if (!collection) throw notFound('collection');
      await recordShared(actor, 'collection-changed', collection, details, transaction);
    });
  }

  /** With all its files. What they have outside the database goes soon after. */
  async function remove(viewer: FileViewer, actor: Actor, id: string): Promise<void> {
    const { userId, isAdmin } = viewer;
    const collection = await prisma.collection.findUnique({ where: { id, AND: ownCollections(viewer) } });
    if (!collection) throw notFound('collection');
    // It may take long: should it break off, who began it is known.
    await recordShared(actor, 'collection-deletion-begun', collection);
    const fileIds = await sql.transaction(async (runner) => {
      // Nothing is added to it from here on.
      const own = `SELECT 1 FROM collections c WHERE ${OWN_COLLECTION} AND c.id = $3 FOR UPDATE`;
      if ((await runner.query(own, [userId, isAdmin, id])).length === 0) throw notFound('collection');
      const removed = await removeScope(deps, runner, id);
      await runner.query('DELETE FROM collections WHERE id = $1', [id]);
      return removed;
    });
    await recordShared(actor, 'collection-deleted', collection);
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
