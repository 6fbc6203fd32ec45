import { AppError, notFound } from '../../errors.ts';
import type { ApiKey, Prisma, PrismaClient } from '../../generated/prisma/client.ts';
import type { Actor, AuditEntry, RecordAudit } from '../../ports/audit-log.ts';
import type { RemoveBelongings } from '../accounts/remove-belongings.ts';

export type RemoveKeyDependencies = {
  prisma: PrismaClient;
  record: RecordAudit;
  removeBelongings: RemoveBelongings;
  /** Whether anything belongs to an owner, whose row is locked. */
  ownsSomething: (transaction: Prisma.TransactionClient, userId: string) => Promise<boolean>;
  now: () => Date;
  /** Ends what is open with the key, and what is remembered of it. */
  ended: (key: Pick<ApiKey, 'userId'>) => void;
};

export function keySubject({ id, clientName }: Pick<ApiKey, 'id' | 'clientName'>): AuditEntry['subject'] {
  return { type: 'ApiKey', id, name: clientName };
}

/** A key, locked until the transaction ends. Throws NOT_FOUND. */
export async function lockKey(transaction: Prisma.TransactionClient, id: string): Promise<ApiKey> {
  // Its owner first: whoever uploads with it holds that and wants its collection, whose deletion wants the key.
  await transaction.$queryRaw`
    SELECT 1 FROM users JOIN api_keys ON api_keys.user_id = users.id
    WHERE api_keys.id = ${id}::uuid FOR NO KEY UPDATE OF users`;
  await transaction.$queryRaw`SELECT 1 FROM api_keys WHERE id = ${id}::uuid FOR NO KEY UPDATE`;
  const key = await transaction.apiKey.findUnique({ where: { id } });
  if (!key) throw notFound('API key');
  return key;
}

/** No uploads are taken for an owner who is closed. */
export async function closeKey(transaction: Prisma.TransactionClient, key: ApiKey, at: Date): Promise<void> {
  await transaction.apiKey.update({ where: { id: key.id }, data: { deactivatedAt: key.deactivatedAt ?? at } });
  await transaction.user.update({ where: { id: key.userId }, data: { disabledAt: key.deactivatedAt ?? at } });
}

/**
 * Deletes a key with all that was made with it, as an account is deleted with all that is its owner's: it is closed
 * first, and whatever breaks this off, it can be done again. Throws NOT_FOUND.
 */
export function createRemoveKey({ prisma, record, now, ...deps }: RemoveKeyDependencies) {
  async function close(actor: Actor, id: string): Promise<ApiKey> {
    return prisma.$transaction(async (transaction) => {
      const key = await lockKey(transaction, id);
      await closeKey(transaction, key, now());
      await record({ actor, action: 'api-key-deletion-begun', subject: keySubject(key) }, transaction);
      return key;
    });
  }

  function removeEmpty(actor: Actor, { id, userId }: ApiKey): Promise<boolean> {
    return prisma.$transaction(async (transaction) => {
      const key = await lockKey(transaction, id);
      // Whoever would add something waits from here on, and finds that it is gone.
      await transaction.$queryRaw`SELECT 1 FROM users WHERE id = ${userId}::uuid FOR UPDATE`;
      if (await deps.ownsSomething(transaction, userId)) return false;
      await transaction.user.delete({ where: { id: userId } });
      await record({ actor, action: 'api-key-deleted', subject: keySubject(key) }, transaction);
      return true;
    });
  }

  return async (actor: Actor, id: string): Promise<void> => {
    const key = await close(actor, id);
    deps.ended(key);
    const isGone = await deps.removeBelongings(key.userId, () => removeEmpty(actor, key));
    deps.ended(key);
    if (isGone) return;
    const message = 'Something was added with this key again and again. It is deactivated: delete it once more.';
    throw new AppError({ code: 'UNAVAILABLE', message, retryable: true });
  };
}
