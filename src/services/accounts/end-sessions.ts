import type { Prisma } from '../../generated/prisma/client.ts';

/**
 * Ends all sessions of a user, for good: who is let in again signs in again. `access-revoked` is to be published once
 * the transaction has been committed.
 */
export async function endSessions(transaction: Prisma.TransactionClient, userId: string, at: Date): Promise<void> {
  await transaction.session.updateMany({ where: { userId, revokedAt: null }, data: { revokedAt: at } });
}
