import { AppError } from '../../errors.ts';
import type { Prisma, User } from '../../generated/prisma/client.ts';

/** Held while it is decided whether somebody stops being an admin: two of the last two could otherwise both do so. */
const ADMINS_LOCK = 72_707_371;

/** Until the transaction ends, on all instances. Whoever also locks rows takes this before them. */
export async function lockAdmins(transaction: Prisma.TransactionClient): Promise<void> {
  await transaction.$executeRaw`SELECT pg_advisory_xact_lock(${ADMINS_LOCK})`;
}

/** Throws CONFLICT where `user` is the only admin who can sign in. Only under `lockAdmins`. */
export async function requireAnotherAdmin(
  transaction: Prisma.TransactionClient,
  user: Pick<User, 'id' | 'role' | 'disabledAt'>,
): Promise<void> {
  if (!isActiveAdmin(user)) return;
  const other = await transaction.user.findFirst({
    where: { id: { not: user.id }, kind: 'PERSON', role: 'ADMIN', disabledAt: null },
    select: { id: true },
  });
  if (other) return;
  const message = 'This is the last admin. Make somebody else an admin first.';
  throw new AppError({ code: 'CONFLICT', message });
}

export function isActiveAdmin({ role, disabledAt }: Pick<User, 'role' | 'disabledAt'>): boolean {
  return role === 'ADMIN' && disabledAt === null;
}
