import { expect, onTestFinished, test } from 'vitest';
import { createMemoryBus } from '../../src/adapters/bus/memory-bus.ts';
import { openPostgresDatabase } from '../../src/adapters/db/open-database.ts';
import type { PrismaClient } from '../../src/generated/prisma/client.ts';
import { createPeople } from '../../src/services/accounts/people.ts';
import { createRemoveBelongings } from '../../src/services/accounts/remove-belongings.ts';
import { createAudit } from '../../src/services/audit/audit.ts';
import { createId } from '../../src/util/ids.ts';
import { createPostgresDatabase } from '../support/database.ts';
import { openTestDatabase } from '../support/server.ts';

const ACTOR = { userId: null, name: 'a test', ip: null };

function startPeople(prisma: PrismaClient, removeFilesOf: (userId: string) => Promise<void> = async () => {}) {
  const now = () => new Date();
  const bus = createMemoryBus();
  return createPeople({
    prisma,
    passwords: { hash: async () => 'hash', verify: async () => true, isCommon: async () => false },
    bus,
    record: createAudit({ prisma, now, createId, retentionDays: 1 }).record,
    removeBelongings: createRemoveBelongings({ prisma, bus, stopTurn: async () => {}, removeFilesOf }),
    now,
    createId,
  });
}

type People = ReturnType<typeof startPeople>;

const WAYS: Record<string, (people: People, id: string) => Promise<void>> = {
  demoted: (people, id) => people.update(ACTOR, id, { role: 'USER' }),
  disabled: (people, id) => people.update(ACTOR, id, { disabled: true }),
  deleted: (people, id) => people.remove(ACTOR, id),
};
const PAIRS = Object.keys(WAYS).flatMap((one) => Object.keys(WAYS).map((other) => [one, other] as const));

test('of the last two admins, on two servers at once, one stays, however they go', async () => {
  const { url, drop } = await createPostgresDatabase();
  onTestFinished(drop);
  const databases = await Promise.all([1, 2].map(() => openPostgresDatabase(url, { poolSize: 5, prepare: true })));
  onTestFinished(async () => {
    for (const { dispose } of databases) await dispose();
  });
  const [here, there] = databases.map(({ prisma }) => startPeople(prisma)) as [People, People];
  const { prisma } = databases[0] as (typeof databases)[number];
  for (const [one, other] of PAIRS) {
    await prisma.user.deleteMany();
    const ids = await Promise.all(
      ['first', 'second'].map((username) => here.create(ACTOR, { username, password: 'irrelevant' }, 'ADMIN')),
    );
    const results = await Promise.allSettled([
      WAYS[one]?.(here, ids[0] as string),
      WAYS[other]?.(there, ids[1] as string),
    ]);
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused, `${one} and ${other}`).toMatchObject([{ reason: { code: 'CONFLICT' } }]);
    expect(await prisma.user.count({ where: { role: 'ADMIN', disabledAt: null } })).toBe(1);
  }
});

test('an account that is enabled again while it is deleted stays, and is still an admin’s', async () => {
  const database = await openTestDatabase('pglite');
  onTestFinished(database.dispose);
  const { prisma } = database;
  const other = startPeople(prisma);
  const people = startPeople(prisma, (userId) => other.update(ACTOR, userId, { disabled: false }));
  await people.create(ACTOR, { username: 'stays', password: 'irrelevant' }, 'ADMIN');
  const id = await people.create(ACTOR, { username: 'goes', password: 'irrelevant' }, 'ADMIN');
  await expect(people.remove(ACTOR, id)).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(await prisma.user.findUnique({ where: { id } })).toMatchObject({ role: 'ADMIN', disabledAt: null });
});

test('what is added to an account while it is deleted goes too', async () => {
  const database = await openTestDatabase('pglite');
  onTestFinished(database.dispose);
  const { prisma } = database;
  let rounds = 0;
  const people = startPeople(prisma, async (userId) => {
    rounds += 1;
    // After the first look at it, by a request that was under way.
    if (rounds === 1) await prisma.collection.create({ data: { id: createId(), userId, name: 'late' } });
    else await prisma.collection.deleteMany({ where: { userId } });
  });
  const id = await people.create(ACTOR, { username: 'leaving', password: 'irrelevant' }, 'USER');
  await people.remove(ACTOR, id);
  expect(rounds).toBe(2);
  expect(await prisma.user.count()).toBe(0);
  expect(await prisma.collection.count()).toBe(0);
});

test('an account to which something is added for ever is left closed', async () => {
  const database = await openTestDatabase('pglite');
  onTestFinished(database.dispose);
  const { prisma } = database;
  const people = startPeople(prisma, async (userId) => {
    await prisma.collection.create({ data: { id: createId(), userId, name: 'again' } });
  });
  const id = await people.create(ACTOR, { username: 'busy', password: 'irrelevant' }, 'USER');
  await expect(people.remove(ACTOR, id)).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
  expect((await prisma.user.findUniqueOrThrow({ where: { id } })).disabledAt).not.toBeNull();
});
