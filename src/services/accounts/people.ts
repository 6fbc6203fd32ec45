import { notFound } from '../../errors.ts';
import type { Prisma, PrismaClient, Role, User } from '../../generated/prisma/client.ts';
import type { Actor, AuditEntry, RecordAudit } from '../../ports/audit-log.ts';
import type { Bus } from '../../ports/bus.ts';
import type { PasswordHasher } from '../../ports/password-hasher.ts';
import { endSessions } from './end-sessions.ts';
import { isActiveAdmin, lockAdmins, requireAnotherAdmin } from './last-admin.ts';
import { asConflict, emailOf, keyOf, newUser, type RegisterInput, refuseCommon } from './new-user.ts';
import { createRemoveUser, type RemoveUserDependencies } from './remove-user.ts';

export type PeopleDependencies = RemoveUserDependencies & {
  prisma: PrismaClient;
  passwords: PasswordHasher;
  bus: Pick<Bus, 'publish'>;
  record: RecordAudit;
  now: () => Date;
  createId: () => string;
};

/** What is left out stays as it is. */
export type UserChanges = {
  email?: string | null | undefined;
  role?: Role | null | undefined;
  disabled?: boolean | null | undefined;
};

export type People = ReturnType<typeof createPeople>;

/** The accounts, for admins. */
export function createPeople(deps: PeopleDependencies) {
  const { prisma, passwords, bus, record, now, createId } = deps;

  /** Returns the id. Throws CONFLICT for a taken name or address, BAD_USER_INPUT for a common password. */
  async function create(actor: Actor, input: RegisterInput, role: Role): Promise<string> {
    await refuseCommon(passwords, input.password, 'input.password');
    const passwordHash = await passwords.hash(input.password);
    const id = createId();
    await prisma
      .$transaction(async (transaction) => {
        const user = await transaction.user.create({ data: { ...newUser(input, passwordHash, id, now()), role } });
        const details = { role, email: user.email };
        await record({ actor, action: 'user-created', subject: subjectOf(user), details }, transaction);
      })
      .catch((error: unknown) => {
        throw asConflict(error);
      });
    return id;
  }

  /**
   * Who is disabled, or is no admin any more, is signed out at once, everywhere. Throws NOT_FOUND; CONFLICT for a taken
   * address, and where nobody would be left who is an admin.
   */
  async function update(actor: Actor, id: string, changes: UserChanges): Promise<void> {
    const signedOut = await prisma
      .$transaction(async (transaction) => {
        await lockAdmins(transaction);
        const user = await transaction.user.findUnique({ where: { id, kind: 'PERSON' } });
        if (!user) throw notFound('user');
        const data = dataOf(user, changes);
        const details = detailsOf(user, data);
        if (Object.keys(details).length === 0) return false;
        const next = { ...user, ...data };
        const losesRights = isActiveAdmin(user) && !isActiveAdmin(next);
        if (losesRights) await requireAnotherAdmin(transaction, user);
        await transaction.user.update({ where: { id }, data });
        const isOut = losesRights || next.disabledAt !== null;
        if (isOut) await endSessions(transaction, id, now());
        await record({ actor, action: 'user-changed', subject: subjectOf(user), details }, transaction);
        return isOut;
      })
      .catch((error: unknown) => {
        throw asConflict(error, '');
      });
    if (signedOut) bus.publish('access-revoked', id, { sessionId: null });
  }

  /**
   * For who has forgotten it; ends all sessions. Returns the username. `name`: that or the address. Throws NOT_FOUND,
   * BAD_USER_INPUT for a common password.
   */
  async function setPassword(actor: Actor, name: string, password: string): Promise<string> {
    await refuseCommon(passwords, password, 'password');
    const passwordHash = await passwords.hash(password);
    const key = keyOf(name);
    const by = key.includes('@') ? { emailKey: key } : { usernameKey: key };
    const user = await prisma.$transaction(async (transaction) => {
      const found = await transaction.user.findFirst({ where: { ...by, kind: 'PERSON' } });
      if (!found) throw notFound('user');
      await transaction.user.update({ where: { id: found.id }, data: { passwordHash } });
      await endSessions(transaction, found.id, now());
      await record(
        { actor, action: 'user-changed', subject: subjectOf(found), details: { password: true } },
        transaction,
      );
      return found;
    });
    bus.publish('access-revoked', user.id, { sessionId: null });
    return user.username;
  }

  function dataOf(user: User, { email, role, disabled }: UserChanges) {
    const disabledAt = disabled ? (user.disabledAt ?? now()) : null;
    return {
      ...(email !== undefined && emailOf(email)),
      ...(role != null && { role }),
      ...(disabled != null && { disabledAt }),
    };
  }

  return {
    create,
    update,
    setPassword,
    remove: createRemoveUser(deps),
    where: whereUser,
  };
}

/** People, and no API keys. Text is looked for in usernames and addresses, whatever its case. */
function whereUser(text: string | null | undefined): Prisma.UserWhereInput {
  // The database would read these as wildcards.
  const contains = keyOf(text ?? '').replace(/[\\%_]/g, '\\$&');
  return { kind: 'PERSON', ...(contains && { OR: [{ usernameKey: { contains } }, { emailKey: { contains } }] }) };
}

function subjectOf({ id, username }: Pick<User, 'id' | 'username'>) {
  return { type: 'User', id, name: username };
}

/** What of it is another than it was. */
function detailsOf(
  user: User,
  { email = user.email, role = user.role, disabledAt = user.disabledAt }: Partial<User>,
): NonNullable<AuditEntry['details']> {
  return {
    ...(email !== user.email && { email }),
    ...(role !== user.role && { role }),
    ...((disabledAt === null) !== (user.disabledAt === null) && { disabled: disabledAt !== null }),
  };
}
