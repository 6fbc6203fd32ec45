import { AppError, notFound } from '../../errors.ts';
import type { PrismaClient } from '../../generated/prisma/client.ts';
import type { Actor, RecordAudit } from '../../ports/audit-log.ts';
import type { ProviderName } from '../../ports/language-model.ts';
import { uniqueViolation } from '../../util/database-errors.ts';

export type ModelVersionsDependencies = {
  prisma: PrismaClient;
  record: RecordAudit;
  now: () => Date;
  createId: () => string;
};

/** Notes that are left out stay as they are; empty ones are none. */
export type ModelVersionRequest = {
  provider: ProviderName;
  modelName: string;
  versionTag: string;
  notes?: string | null | undefined;
};

export type ModelVersions = ReturnType<typeof createModelVersions>;

/**
 * What admins put down of the models in use. The newest of a model is the current one: a turn takes its tag down in the
 * statement that begins it (chat/turn-store.ts), so what is changed here changes no answer that is there.
 */
export function createModelVersions({ prisma, record, now, createId }: ModelVersionsDependencies) {
  /** Returns the id. Throws CONFLICT when the model has a version with this tag. */
  async function create(actor: Actor, { notes, ...version }: ModelVersionRequest): Promise<string> {
    const id = createId();
    const at = now();
    await orConflict(
      prisma.$transaction(async (transaction) => {
        const data = { ...version, id, notes: notes || null, createdAt: at, updatedAt: at };
        await transaction.modelVersion.create({ data });
        await record({ actor, action: 'model-version-created', subject: subjectOf(id, version) }, transaction);
      }),
    );
    return id;
  }

  /** It stays as new as it was. Throws NOT_FOUND, and CONFLICT as `create`. */
  async function update(actor: Actor, id: string, { notes, ...version }: ModelVersionRequest): Promise<void> {
    const data = { ...version, ...(notes !== undefined && { notes: notes || null }), updatedAt: now() };
    await orConflict(
      prisma.$transaction(async (transaction) => {
        const { count } = await transaction.modelVersion.updateMany({ where: { id }, data });
        if (count === 0) throw notFound('model version');
        await record({ actor, action: 'model-version-changed', subject: subjectOf(id, version) }, transaction);
      }),
    );
  }

  /** Of those that remain, the newest is the current one. Throws NOT_FOUND. */
  async function remove(actor: Actor, id: string): Promise<void> {
    await prisma.$transaction(async (transaction) => {
      const version = await transaction.modelVersion.findUnique({ where: { id } });
      const { count } = await transaction.modelVersion.deleteMany({ where: { id } });
      if (!version || count === 0) throw notFound('model version');
      await record({ actor, action: 'model-version-deleted', subject: subjectOf(id, version) }, transaction);
    });
  }

  return { create, update, remove };
}

function subjectOf(
  id: string,
  { provider, modelName, versionTag }: Record<'provider' | 'modelName' | 'versionTag', string>,
) {
  return { type: 'ModelVersion', id, name: `${provider}/${modelName} ${versionTag}` };
}

async function orConflict<Result>(writing: Promise<Result>): Promise<Result> {
  try {
    return await writing;
  } catch (error) {
    if (!uniqueViolation(error)) throw error;
    throw new AppError({ code: 'CONFLICT', message: 'This model has a version with this tag already.', cause: error });
  }
}
