import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPostgresDatabase } from '../../src/adapters/db/open-database.ts';
import { createPostgresDatabase } from '../support/database.ts';
import { codeOf, failure } from '../support/errors.ts';
import { type Engine, PASSWORD, startTestServer, type TestServer } from '../support/server.ts';

const REGISTER = `mutation ($input: RegisterInput!) {
  register(input: $input) { accessToken tokenType expiresAt refreshToken user { id username email role } }
}`;
const LOGIN = `mutation ($input: LoginInput!) { login(input: $input) { accessToken user { id } } }`;
const VIEWER = '{ viewer { isAdmin user { username role } } }';

const ENGINES: Engine[] = ['pglite', 'postgresql'];

const inputs = (count: number, prefix: string) =>
  Array.from({ length: count }, (_, index) => ({ input: { username: `${prefix}${index}`, password: PASSWORD } }));

describe.each(ENGINES)('accounts on %s', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ engine, shared: true });
  });
  afterAll(() => server.close());

  const register = (input: object) =>
    server.request(REGISTER, { input: { password: PASSWORD, ...(input as { password?: string }) } });
  const login = (username: string, password = PASSWORD) => server.request(LOGIN, { input: { username, password } });

  test('registering signs in, and so do the name and the address in any case and form', async () => {
    const input = { username: 'Ａnna.Müller', email: 'Anna@Example.org', password: PASSWORD };
    const { register: made } = await server.data(REGISTER, { input });
    expect(made).toMatchObject({ tokenType: 'Bearer', user: { username: input.username, email: input.email } });
    expect(new Date(made.expiresAt).getTime() - Date.now()).toBeGreaterThan(14 * 60_000);
    const viewed = await server.data(VIEWER, {}, made.accessToken);
    expect(viewed.viewer.user.username).toBe(input.username);
    const names = ['Ａnna.Müller', 'anna.müller', 'ANNA.MU\u0308LLER', ' anna.müller ', 'ANNA@EXAMPLE.ORG'];
    for (const name of names) {
      const signedIn = await login(name);
      expect(signedIn.data?.login.user.id, name).toBe(made.user.id);
    }
  });

  test('a name or an address that is taken is a CONFLICT that names it', async () => {
    await register({ username: 'Taken', email: 'taken@example.org' });
    const sameName = await register({ username: 'tAKEN' });
    expect(failure(sameName)).toMatchObject({
      code: 'CONFLICT',
      fields: { 'input.username': expect.stringMatching(/./) },
    });
    const sameAddress = await register({ username: 'free', email: 'TAKEN@example.org' });
    expect(failure(sameAddress)).toMatchObject({
      code: 'CONFLICT',
      fields: { 'input.email': expect.stringMatching(/./) },
    });
    // A name that reads like the address's column is still a name.
    await register({ username: 'email_key' });
    const tricky = await register({ username: 'email_key' });
    expect(Object.keys(failure(tricky).fields ?? {})).toEqual(['input.username']);
  });

  test('of ten that ask for one name at once, one gets it', async () => {
    const results = await Promise.all(Array.from({ length: 10 }, () => register({ username: 'contested' })));
    expect(results.filter(({ errors }) => !errors)).toHaveLength(1);
    expect(results.filter((result) => codeOf(result) === 'CONFLICT')).toHaveLength(9);
  });

  test('passwords have 8 to 200 characters and are not among the common ones', async () => {
    for (const [index, password] of ['1234567', 'x'.repeat(201), 'password', 'QwErTyUiOp'].entries()) {
      const refused = await register({ username: `weak${index}`, password });
      expect(failure(refused), password).toMatchObject({
        code: 'BAD_USER_INPUT',
        fields: { 'input.password': expect.stringMatching(/./) },
      });
    }
    for (const password of ['8 chars!', 'é'.repeat(200)]) {
      const username = `strong${password.length}`;
      expect(codeOf(await register({ username, password }))).toBeUndefined();
      expect(codeOf(await login(username, password))).toBeUndefined();
    }
  });

  test('names and addresses that cannot be are refused, with the field', async () => {
    const names = ['', 'a', 'a'.repeat(65), '.hidden', 'two words', 'at@sign', 'nul\0', 'lone\ud800', 'in\tside'];
    for (const username of names) {
      expect(failure(await register({ username })), JSON.stringify(username)).toMatchObject({
        code: 'BAD_USER_INPUT',
        fields: { 'input.username': expect.stringMatching(/./) },
      });
    }
    for (const email of ['', 'nobody', 'a@b', `${'a'.repeat(250)}@example.org`, 'nul\0@example.org']) {
      expect(failure(await register({ username: 'proper', email })), email).toMatchObject({
        code: 'BAD_USER_INPUT',
        fields: { 'input.email': expect.stringMatching(/./) },
      });
    }
  });

  test('an unknown name, a wrong password and a disabled account read the same', async () => {
    await register({ username: 'known' });
    await register({ username: 'disabled' });
    await server.app.database.prisma.user.update({
      where: { usernameKey: 'disabled' },
      data: { disabledAt: new Date() },
    });
    const refusals = [await login('known', 'not it at all'), await login('nobody'), await login('disabled')];
    expect(codeOf(refusals[0] ?? {})).toBe('UNAUTHENTICATED');
    expect(new Set(refusals.map((refusal) => JSON.stringify(refusal)))).toHaveProperty('size', 1);
  });

  test('credentials that no account can have are refused as any others', async () => {
    for (const name of ['nul\0', 'lone\udc00', '@', "' OR 1=1 --", '%']) {
      expect(codeOf(await login(name)), JSON.stringify(name)).toBe('UNAUTHENTICATED');
    }
    expect(codeOf(await login('known', 'nul\0 and lone\ud800'))).toBe('UNAUTHENTICATED');
    expect(failure(await login('x'.repeat(1_001)))).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: { 'input.username': expect.stringMatching(/./) },
    });
  });

  test('the viewer is null without credentials, and UNAUTHENTICATED with bad ones', async () => {
    expect(await server.request(VIEWER)).toEqual({ data: { viewer: null } });
    for (const authorization of ['Bearer nonsense', 'Bearer', 'Basic YTpi', 'nonsense', 'Bearer a.b.c']) {
      const response = await fetch(server.graphqlUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization },
        body: JSON.stringify({ query: VIEWER }),
      });
      expect(codeOf((await response.json()) as object), authorization).toBe('UNAUTHENTICATED');
    }
    // Whoever signs in again still has the old ones in the header.
    await register({ username: 'again' });
    const signedIn = await server.request(LOGIN, { input: { username: 'again', password: PASSWORD } }, 'nonsense');
    expect(signedIn.errors).toBeUndefined();
    expect((await server.request('{ health { status } }', {}, 'nonsense')).errors).toBeUndefined();
  });

  test('of twenty first registrations at once, one becomes admin', async () => {
    const fresh = await startTestServer({ engine });
    const results = await Promise.all(inputs(20, 'first').map((variables) => fresh.data(REGISTER, variables)));
    const roles = results.map(({ register: { user } }) => user.role);
    expect(roles.filter((role) => role === 'ADMIN')).toHaveLength(1);
    expect(roles.filter((role) => role === 'USER')).toHaveLength(19);
    expect(await fresh.app.database.prisma.user.count({ where: { role: 'ADMIN' } })).toBe(1);
  });
});

test('of twenty first registrations on two servers with one database, one becomes admin', async () => {
  const { url, drop } = await createPostgresDatabase();
  try {
    const servers = await Promise.all(
      [1, 2].map(async () =>
        startTestServer({
          shared: true,
          overrides: { database: await openPostgresDatabase(url, { poolSize: 5, prepare: true }) },
        }),
      ),
    );
    const results = await Promise.all(
      inputs(20, 'first').map((variables, index) => servers[index % 2]?.data(REGISTER, variables)),
    );
    expect(results.filter((result) => result?.register.user.role === 'ADMIN')).toHaveLength(1);
    await Promise.all(servers.map((server) => server.close()));
  } finally {
    await drop();
  }
});

test('ADMIN_USERNAME names the admin, in any case; the first account is not one then', async () => {
  const server = await startTestServer({ environment: { ADMIN_USERNAME: 'Chief' } });
  const roles = [];
  for (const username of ['first', 'cHIEF', 'third']) {
    const { register } = await server.data(REGISTER, { input: { username, password: PASSWORD } });
    roles.push(register.user.role);
  }
  expect(roles).toEqual(['USER', 'ADMIN', 'USER']);
});

test('with REGISTRATION_ENABLED=false the first account alone can register, also at once', async () => {
  const server = await startTestServer({ environment: { REGISTRATION_ENABLED: 'false' } });
  const results = await Promise.all(inputs(6, 'only').map((variables) => server.request(REGISTER, variables)));
  expect(results.filter(({ errors }) => !errors).map(({ data }) => data?.register.user.role)).toEqual(['ADMIN']);
  expect(results.filter((result) => codeOf(result) === 'FORBIDDEN')).toHaveLength(5);
});
