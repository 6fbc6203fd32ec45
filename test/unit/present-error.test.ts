import { GraphQLError } from 'graphql';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Database, wrapPglite } from '../../src/adapters/db/open-database.ts';
import { AppError } from '../../src/errors.ts';
import { presentError } from '../../src/graphql/errors.ts';
import { createPgliteFromTemplate } from '../support/database.ts';

let database: Database;
beforeAll(async () => {
  database = await wrapPglite(await createPgliteFromTemplate());
});
afterAll(() => database.dispose());

const logged: unknown[] = [];
beforeEach(() => {
  logged.length = 0;
});
const present = (original: unknown) =>
  presentError(
    new GraphQLError('as the executor says it', { originalError: original as Error, path: ['field'] }),
    (error) => void logged.push(error),
  ).toJSON();

test('an expected failure is told as it is, with what a program needs, and not logged', () => {
  const fields = { 'input.text': 'is too long' };
  expect(present(new AppError({ code: 'BAD_USER_INPUT', message: 'Too long.', fields }))).toEqual({
    message: 'Too long.',
    path: ['field'],
    extensions: { code: 'BAD_USER_INPUT', fields },
  });
  const limited = new AppError({ code: 'RATE_LIMITED', message: 'Later.', retryAfterSeconds: 3 });
  expect(present(limited).extensions).toEqual({ code: 'RATE_LIMITED', retryAfterSeconds: 3 });
  expect(logged).toEqual([]);
});

test('an unexpected one is told without its message, and logged once', () => {
  const original = new TypeError('reading /etc/secret at 10.0.0.7');
  const shown = present(original);
  expect(shown.extensions).toEqual({ code: 'INTERNAL' });
  expect(JSON.stringify(shown)).not.toMatch(/secret|10\.0\.0\.7|TypeError/);
  expect(logged).toEqual([original]);
});

test('what was deleted by somebody else meanwhile is not found', async () => {
  const missing = await database.prisma.user
    .findUniqueOrThrow({ where: { id: crypto.randomUUID() } })
    .catch((error: unknown) => error);
  expect(present(missing)).toMatchObject({ extensions: { code: 'NOT_FOUND' } });
  expect(logged).toEqual([]);
});
