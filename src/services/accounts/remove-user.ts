import { AppError, notFound } from '../../errors.ts';
import type { PrismaClient } from '../../generated/prisma/client.ts';
import type { Actor, RecordAudit } from '../../ports/audit-log.ts';
import type { Bus } from '../../ports/bus.ts';
import { endSessions } from './end-sessions.ts';
import { lockAdmins, requireAnotherAdmin } from './last-admin.ts';
import { ownsSomething, type RemoveBelongings } from './remove-belongings.ts';

export type RemoveUserDependencies = {
  prisma: PrismaClient;
  bus: Pick<Bus, 'publish'>;
  record: RecordAudit;
  removeBelongings: RemoveBelongings;
  now: () => Date;
};

/**
 * Deletes an account with everything that belongs to it. It is closed first, so that it can be neither used nor counted
 * as an admin's from then on; whatever breaks this off, it can be done again.
 */
export function createRemoveUser(deps: RemoveUserDependencies) {
  const { prisma, bus, record, now } = deps;

  async function close(actor: Actor, id: string): Promise<void> {
    await prisma.$transaction(async (transaction) => {
      await lockAdmins(transaction);
      const user = await transaction.user.findUnique({ where: { id, kind: 'PERSON' } });
      if (!user) throw notFound('user');
      await requireAnotherAdmin(transaction, user);
      await transaction.user.update({ where: { id }, data: { disabledAt: user.disabledAt ?? now() } });
      await endSessions(transaction, id, now());
      const subject = { type: 'User', id, name: user.username };
      await record({ actor, action: 'user-deletion-begun', subject }, transaction);
    });
    bus.publish('access-revoked', id, { sessionId: null });
  }

  /** The account itself, once nothing belongs to it. Returns whether that is so. */
  function removeEmpty(actor: Actor, id: string): Promise<boolean> {
    return prisma.$transaction(async (transaction) => {
      await lockAdmins(transaction);
      // Whoever would add something to it waits from here on, and finds that it is gone.
      const [user] = await transaction.$queryRaw<{ username: string; disabledAt: Date | null }[]>`
        SELECT username, disabled_at AS "disabledAt" FROM users WHERE id = ${id}::uuid FOR UPDATE`;
      if (!user) throw notFound('user');
      if (!user.disabledAt) {
        const message = 'This account was enabled again while it was being deleted. What belonged to it is gone.';
        throw new AppError({ code: 'CONFLICT', message });
      }
      if (await ownsSomething(transaction, id)) return false;
      await transaction.user.delete({ where: { id } });
      const subject = { type: 'User', id, name: user.username };
      await record({ actor, action: 'user-deleted', subject }, transaction);
      return true;
    });
  }

  /** Throws NOT_FOUND; CONFLICT for the last admin. */
  return async (actor: Actor, id: string): Promise<void> => {
    await close(actor, id);
    if (await deps.removeBelongings(id, () => removeEmpty(actor, id))) return;
    const message = 'Something was added to this account again and again. It is disabled: delete it once more.';
    throw new AppError({ code: 'UNAVAILABLE', message, retryable: true });
  };
}
