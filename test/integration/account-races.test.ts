import { afterAll, beforeAll, expect, test } from 'vitest';
import { createMemoryBus } from '../../src/adapters/bus/memory-bus.ts';
import { createArgon2Hasher } from '../../src/adapters/crypto/argon2-hasher.ts';
import { createJwtAccessTokens } from '../../src/adapters/crypto/jwt-access-tokens.ts';
import { openPostgresDatabase } from '../../src/adapters/db/open-database.ts';
import { createRateLimiter } from '../../src/adapters/limits/rate-limiter.ts';
import type { PrismaClient } from '../../src/generated/prisma/client.ts';
import type { PasswordHasher } from '../../src/ports/password-hasher.ts';
import { createAccounts } from '../../src/services/accounts/accounts.ts';
import { createAttempts } from '../../src/services/accounts/attempts.ts';
import { createSessions, type SignedIn } from '../../src/services/accounts/sessions.ts';
import { createId } from '../../src/util/ids.ts';
import { createPostgresDatabase } from '../support/database.ts';
import { openTestDatabase } from '../support/server.ts';

const PASSWORD = 'a passphrase for tests';

let database: Awaited<ReturnType<typeof openTestDatabase>>;
beforeAll(async () => {
  database = await openTestDatabase('pglite');
});
afterAll(() => database.dispose());

/** The accounts, with a hasher whose next check of a password waits, once it is made, until it is let go. */
function startAccounts(
  options: { prisma?: PrismaClient; passwords?: PasswordHasher; registrationEnabled?: boolean } = {},
) {
  const { prisma = database.prisma, passwords: hasher = createArgon2Hasher(), registrationEnabled = true } = options;
  const now = () => new Date();
  let gate: { checked: () => void; open: Promise<void> } | null = null;
  const passwords = {
    ...hasher,
    async verify(stored: string | null, password: string) {
      const matches = await hasher.verify(stored, password);
      const waiting = gate;
      gate = null;
      waiting?.checked();
      await waiting?.open;
      return matches;
    },
  };
  const accessTokens = createJwtAccessTokens({
    secret: 'a secret for tests that is long enough',
    lifetimeSeconds: 900,
  });
  const sessions = createSessions({ prisma, accessTokens, bus: createMemoryBus(), now, createId, sessionDays: 30 });
  const accounts = createAccounts({
    prisma,
    passwords,
    sessions,
    loginFailed: async () => {},
    attempts: createAttempts({
      limiter: createRateLimiter({ redis: null }),
      perMinute: 1_000,
      perMinutePerAddress: 0,
      registrationsPerHourPerAddress: 0,
    }),
    now,
    createId,
    adminUsername: undefined,
    registrationEnabled,
  });
  const holdNextCheck = () => {
    const checked = Promise.withResolvers<void>();
    const open = Promise.withResolvers<void>();
    gate = { checked: checked.resolve, open: open.promise };
    return { checked: checked.promise, letGo: open.resolve };
  };
  const viewerOf = async ({ accessToken }: SignedIn) => {
    const viewer = await sessions.authenticate(accessToken);
    if (!viewer) throw new Error('not signed in');
    return viewer;
  };
  return { accounts, viewerOf, holdNextCheck };
}

test('a login with the old password that is on its way does not outlive the change of it', async () => {
  const { accounts, viewerOf, holdNextCheck } = startAccounts();
  const owner = await accounts.register({ username: 'owner', password: PASSWORD });
  const held = holdNextCheck();
  const thief = accounts.login({ username: 'owner', password: PASSWORD });
  await held.checked;
  await accounts.changePassword(await viewerOf(owner), PASSWORD, 'another passphrase for tests');
  held.letGo();
  await expect(thief).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  expect(await database.prisma.session.count({ where: { userId: owner.user.id, revokedAt: null } })).toBe(1);
});

test('nor does one outlive that its account is disabled', async () => {
  const { accounts, holdNextCheck } = startAccounts();
  const { user } = await accounts.register({ username: 'leaving', password: PASSWORD });
  const held = holdNextCheck();
  const login = accounts.login({ username: 'leaving', password: PASSWORD });
  await held.checked;
  await database.prisma.user.update({ where: { id: user.id }, data: { disabledAt: new Date() } });
  held.letGo();
  await expect(login).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});

test('of two changes of one password at once, one holds, and the other says that the password was another', async () => {
  const { accounts, viewerOf, holdNextCheck } = startAccounts();
  const owner = await accounts.register({ username: 'twice', password: PASSWORD });
  const other = await accounts.login({ username: 'twice', password: PASSWORD });
  const viewer = await viewerOf(other);
  const held = holdNextCheck();
  const second = accounts.changePassword(viewer, PASSWORD, 'the thief’s passphrase');
  await held.checked;
  await accounts.changePassword(await viewerOf(owner), PASSWORD, 'the owner’s passphrase');
  held.letGo();
  await expect(second).rejects.toMatchObject({
    code: 'BAD_USER_INPUT',
    fields: { current: expect.stringMatching(/./) },
  });
  await expect(accounts.login({ username: 'twice', password: 'the owner’s passphrase' })).resolves.toBeTruthy();
});

test('of twenty that are first in the same moment, on two servers, one becomes admin, and alone gets in where only the first may', async () => {
  // No password to hash, so that nothing keeps them apart.
  const passwords = { hash: async () => 'hash', verify: async () => true, isCommon: async () => false };
  for (const registrationEnabled of [true, false]) {
    const { url, drop } = await createPostgresDatabase();
    const databases = await Promise.all([1, 2].map(() => openPostgresDatabase(url, { poolSize: 10, prepare: true })));
    try {
      const servers = databases.map(({ prisma }) => startAccounts({ prisma, passwords, registrationEnabled }).accounts);
      const results = await Promise.allSettled(
        Array.from({ length: 20 }, (_, index) =>
          servers[index % 2]?.register({ username: `first${index}`, password: PASSWORD }),
        ),
      );
      const users = await databases[0]?.prisma.user.findMany({ select: { role: true } });
      expect(users).toHaveLength(registrationEnabled ? 20 : 1);
      expect(users?.filter(({ role }) => role === 'ADMIN')).toHaveLength(1);
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(registrationEnabled ? 20 : 1);
    } finally {
      await Promise.all(databases.map(({ dispose }) => dispose()));
      await drop();
    }
  }
});
