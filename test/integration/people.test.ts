import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeAnyId, encodeId } from '../../src/graphql/ids.ts';
import { codeOf, failure } from '../support/errors.ts';
import { openGraphqlSocket } from '../support/graphql-socket.ts';
import { type Data, PASSWORD, startTestServer, type TestServer, type TestUser } from '../support/server.ts';
import { statementsOf } from '../support/statements.ts';

const FIELDS = 'id username email role disabledAt createdAt updatedAt';
const LIST = `query ($text: String, $first: Int, $after: String, $last: Int, $before: String) {
  users(text: $text, first: $first, after: $after, last: $last, before: $before) {
    totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { ${FIELDS} } }
  }
}`;
const CREATE = `mutation ($input: RegisterInput!, $role: Role) { createUser(input: $input, role: $role) { ${FIELDS} } }`;
const UPDATE = `mutation ($id: ID!, $email: String, $role: Role, $disabled: Boolean) {
  updateUser(id: $id, email: $email, role: $role, disabled: $disabled) { ${FIELDS} }
}`;
const EMAIL = `mutation ($id: ID!, $email: String) { updateUser(id: $id, email: $email) { ${FIELDS} } }`;
const DELETE = 'mutation ($id: ID!) { deleteUser(id: $id) }';
const LOGIN = 'mutation ($input: LoginInput!) { login(input: $input) { accessToken refreshToken } }';
const REFRESH = 'mutation ($token: String!) { refresh(refreshToken: $token) { accessToken } }';
const VIEWER = '{ viewer { isAdmin user { username } } }';

describe.each(['pglite', 'postgresql'] as const)('people on %s', (engine) => {
  let server: TestServer;
  let admin: TestUser;
  let user: TestUser;
  const errors: unknown[] = [];

  beforeAll(async () => {
    server = await startTestServer({ engine, shared: true, errors });
    admin = await server.register('the-admin');
    user = await server.register();
  });
  afterAll(() => server.close());

  const list = async (variables: object = {}): Promise<Data> =>
    (await server.data(LIST, { ...variables }, admin.token)).users;
  const namesOf = ({ edges }: Data): string[] => edges.map(({ node }: Data) => node.username);
  const create = async (input: object = {}, role?: string): Promise<Data> => {
    const whole = { username: `made-${randomUUID().slice(0, 8)}`, password: PASSWORD, ...input };
    return (await server.data(CREATE, { input: whole, ...(role && { role }) }, admin.token)).createUser;
  };
  const update = async (variables: object): Promise<Data> =>
    (await server.data(UPDATE, { ...variables }, admin.token)).updateUser;
  const login = (username: string) => server.request(LOGIN, { input: { username, password: PASSWORD } });

  test('one is made, signs in, is found and changed', async () => {
    const email = `${randomUUID()}@example.com`;
    const made = await create({ email });
    expect(made).toMatchObject({ email, role: 'USER', disabledAt: null });
    expect(codeOf(await login(made.username))).toBeUndefined();
    expect(await create({}, 'ADMIN')).toMatchObject({ role: 'ADMIN', email: null });

    const changed = await update({ id: made.id, role: 'ADMIN' });
    expect(changed).toEqual({ ...made, role: 'ADMIN', updatedAt: expect.any(String) });
    const address = async (given: string | null) =>
      (await server.data(EMAIL, { id: made.id, email: given }, admin.token)).updateUser.email;
    expect(await address(`other-${email}`)).toBe(`other-${email}`);
    expect(codeOf(await login(`OTHER-${email}`))).toBeUndefined();
    expect(await address(null)).toBeNull();
    expect(codeOf(await login(`other-${email}`))).toBe('UNAUTHENTICATED');
    // Nothing is given, so nothing changes.
    const { updateUser } = await server.data(
      `mutation ($id: ID!) { updateUser(id: $id) { ${FIELDS} } }`,
      { id: made.id },
      admin.token,
    );
    expect(updateUser).toMatchObject({ role: 'ADMIN', email: null, disabledAt: null });
  });

  test('what is taken, common or no name is refused, and says where', async () => {
    const email = `${randomUUID()}@example.com`;
    const made = await create({ email });
    const other = await create();
    const tryCreate = async (input: object) => {
      const whole = { username: `made-${randomUUID().slice(0, 8)}`, password: PASSWORD, ...input };
      return failure(await server.request(CREATE, { input: whole }, admin.token));
    };
    const where = (field: string) => ({ fields: { [field]: expect.stringMatching(/./) } });
    expect(await tryCreate({ username: made.username.toUpperCase() })).toMatchObject({
      code: 'CONFLICT',
      ...where('input.username'),
    });
    expect(await tryCreate({ email: email.toUpperCase() })).toMatchObject({
      code: 'CONFLICT',
      ...where('input.email'),
    });
    for (const [input, field] of [
      [{ password: 'QwErTyUiOp' }, 'input.password'],
      [{ password: 'short' }, 'input.password'],
      [{ username: ' ' }, 'input.username'],
      [{ email: 'nobody' }, 'input.email'],
    ] as const) {
      expect(await tryCreate(input)).toMatchObject({ code: 'BAD_USER_INPUT', ...where(field) });
    }
    const taken = await server.request(EMAIL, { id: other.id, email }, admin.token);
    expect(failure(taken)).toMatchObject({ code: 'CONFLICT', ...where('email') });
    const wrong = await server.request(EMAIL, { id: other.id, email: 'nobody' }, admin.token);
    expect(failure(wrong)).toMatchObject({ code: 'BAD_USER_INPUT', ...where('email') });
  });

  test('they are listed, the newest first, and looked for in names and addresses', async () => {
    const mark = randomUUID().slice(0, 8);
    const names = [`${mark}-one`, `${mark}-two`, `${mark}_three`];
    for (const username of names) await create({ username, email: `${username}@Example.com` });
    const newest = [...names].reverse();
    const whole = await list({ text: mark.toUpperCase() });
    expect(whole.totalCount).toBe(3);
    expect(namesOf(whole)).toEqual(newest);
    expect(namesOf(await list({ text: `${mark}-two@EXAMPLE` }))).toEqual([`${mark}-two`]);
    // They stand for themselves.
    expect(namesOf(await list({ text: `${mark}_` }))).toEqual([`${mark}_three`]);
    expect(namesOf(await list({ text: '%' }))).toEqual([]);
    expect((await list({ text: '  ' })).totalCount).toBe((await list()).totalCount);

    const first = await list({ text: mark, first: 2 });
    expect([namesOf(first), first.pageInfo.hasNextPage]).toEqual([newest.slice(0, 2), true]);
    const rest = await list({ text: mark, first: 2, after: first.pageInfo.endCursor });
    expect([namesOf(rest), rest.pageInfo.hasNextPage]).toEqual([newest.slice(2), false]);
    const last = await list({ text: mark, last: 2 });
    expect([namesOf(last), last.pageInfo.hasPreviousPage]).toEqual([newest.slice(1), true]);
    expect(await statementsOf(() => list({ text: mark }))).toHaveLength(2);
    for (const text of ['x'.repeat(255), 'nul\0']) {
      expect(failure(await server.request(LIST, { text }, admin.token))).toMatchObject({ code: 'BAD_USER_INPUT' });
    }
  });

  test('all of it is for admins', async () => {
    for (const [query, variables] of [
      [LIST, {}],
      [CREATE, { input: { username: 'intruder', password: PASSWORD }, role: 'ADMIN' }],
      [UPDATE, { id: user.id, role: 'ADMIN' }],
      [DELETE, { id: user.id }],
    ] as const) {
      expect(codeOf(await server.request(query, { ...variables }, user.token))).toBe('FORBIDDEN');
      expect(codeOf(await server.request(query, { ...variables }))).toBe('UNAUTHENTICATED');
    }
    expect((await server.data(VIEWER, {}, user.token)).viewer.isAdmin).toBe(false);
  });

  test('who is not there cannot be changed, and what is no id of one is refused', async () => {
    const id = encodeId('User', randomUUID());
    expect(codeOf(await server.request(UPDATE, { id, disabled: true }, admin.token))).toBe('NOT_FOUND');
    expect(codeOf(await server.request(DELETE, { id }, admin.token))).toBe('NOT_FOUND');
    for (const bad of ['', 'nonsense', encodeId('User', '1'), encodeId('File', randomUUID())]) {
      const expected = { code: 'BAD_USER_INPUT', fields: { id: expect.stringMatching(/./) } };
      expect(failure(await server.request(UPDATE, { id: bad }, admin.token))).toMatchObject(expected);
      expect(failure(await server.request(DELETE, { id: bad }, admin.token))).toMatchObject(expected);
    }
  });

  test('who is disabled is out at once and for good, sockets too, and signs in again once he may', async () => {
    const leaving = await server.register();
    const { closed } = await openGraphqlSocket(server, { token: leaving.token });
    expect((await update({ id: leaving.id, disabled: true })).disabledAt).toMatch(/Z$/);
    expect(await closed).toMatchObject({ code: 4403 });
    const isOut = async () => {
      expect(codeOf(await server.request(VIEWER, {}, leaving.token))).toBe('UNAUTHENTICATED');
      expect(codeOf(await server.request(REFRESH, { token: leaving.refreshToken }))).toBe('UNAUTHENTICATED');
    };
    await isOut();
    expect(codeOf(await login(leaving.username))).toBe('UNAUTHENTICATED');
    // He is disabled already: since then.
    const { disabledAt } = await update({ id: leaving.id, disabled: true });
    expect(await update({ id: leaving.id, disabled: true })).toMatchObject({ disabledAt });
    expect((await update({ id: leaving.id, disabled: false })).disabledAt).toBeNull();
    await isOut();
    expect(codeOf(await login(leaving.username))).toBeUndefined();
  });

  test('who is no admin any more is signed out, and is none when he is back', async () => {
    const name = `chief-${randomUUID().slice(0, 8)}`;
    const made = await create({ username: name }, 'ADMIN');
    const token = (await login(name)).data?.login.accessToken as string;
    expect((await server.data(VIEWER, {}, token)).viewer.isAdmin).toBe(true);
    const { closed } = await openGraphqlSocket(server, { token });
    await update({ id: made.id, role: 'USER' });
    expect(await closed).toMatchObject({ code: 4403 });
    expect(codeOf(await server.request(VIEWER, {}, token))).toBe('UNAUTHENTICATED');
    const again = (await login(name)).data?.login.accessToken as string;
    expect((await server.data(VIEWER, {}, again)).viewer.isAdmin).toBe(false);
    expect(codeOf(await server.request(LIST, {}, again))).toBe('FORBIDDEN');
    // Who becomes one is one at once.
    await update({ id: made.id, role: 'ADMIN' });
    expect((await server.data(VIEWER, {}, again)).viewer.isAdmin).toBe(true);
  });

  test('the last admin stays one', async () => {
    const { prisma } = server.app.database;
    const others = { role: 'ADMIN', id: { not: decodeAnyId(admin.id).id } } as const;
    await prisma.user.updateMany({ where: others, data: { disabledAt: new Date() } });
    const before = await prisma.auditEvent.count();
    for (const [query, variables] of [
      [UPDATE, { id: admin.id, role: 'USER' }],
      [UPDATE, { id: admin.id, disabled: true }],
      [DELETE, { id: admin.id }],
    ] as const) {
      expect(codeOf(await server.request(query, variables, admin.token))).toBe('CONFLICT');
    }
    expect((await server.data(VIEWER, {}, admin.token)).viewer.isAdmin).toBe(true);
    expect(await prisma.auditEvent.count()).toBe(before);
    // Another one who can sign in, and the first may go.
    const successor = await create({}, 'ADMIN');
    const leaving = await create({}, 'ADMIN');
    expect(await server.data(DELETE, { id: leaving.id }, admin.token)).toEqual({ deleteUser: leaving.id });
    await update({ id: successor.id, role: 'USER' });
    expect(codeOf(await server.request(DELETE, { id: admin.id }, admin.token))).toBe('CONFLICT');
  });

  test('one is made where registration is closed', async () => {
    const closed = await startTestServer({ engine, environment: { REGISTRATION_ENABLED: 'false' } });
    const { token } = await closed.register();
    const input = { username: 'invited', password: PASSWORD };
    expect((await closed.data(CREATE, { input }, token)).createUser).toMatchObject({
      username: 'invited',
      role: 'USER',
    });
    expect(codeOf(await closed.request(LOGIN, { input }))).toBeUndefined();
  });

  test('nothing of all this was a fault of the server', () => {
    expect(errors).toEqual([]);
  });
});
