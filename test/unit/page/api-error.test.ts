import { ColloquyError, type ColloquyErrorCode } from '@colloquy/sdk';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { isCode, mayPass, messageOf, reasonOf, textOfCode } from '../../../frontend/src/api/api-error.ts';
import { faultsOf, fieldsOf } from '../../../frontend/src/api/field-faults.ts';
import { english } from '../../../frontend/src/texts/english/english.ts';
import { german } from '../../../frontend/src/texts/german/german.ts';

const catalogue = vi.hoisted(() => ({ texts: {} as object }));
vi.mock('../../../frontend/src/texts/texts.ts', () => catalogue);

const speak = (texts: object) => Object.assign(catalogue, { texts });
const fault = (code: ColloquyErrorCode, message = '', rest: object = {}) =>
  new ColloquyError({ code, message, ...rest });

beforeEach(() => speak(english));
afterEach(() => speak(english));

test('what the page has words for is said in them, whatever the server says', () => {
  expect(messageOf(fault('NOT_FOUND', 'No such file.'))).toBe('It is no longer there.');
  expect(messageOf(fault('UNREACHABLE', 'x'))).toBe('The server cannot be reached.');
  expect(messageOf(fault('INTERNAL', 'x'))).toBe(english.errors.codes.INTERNAL);
  expect(messageOf(new TypeError('x is not a function'))).toBe('Something went wrong. Try again.');
  expect(messageOf(fault('QUOTA_EXCEEDED', 'x'))).toMatch(/^There is no room/);
});

test('a wait that is known is told, and counted down by whoever wants to', () => {
  const late = fault('RATE_LIMITED', 'x', { retryAfterSeconds: 90 });
  expect(messageOf(late)).toBe('There are too many requests at the moment. Try again in 90 seconds.');
  expect(reasonOf(late)).toBe('There are too many requests at the moment.');
  expect(messageOf(fault('QUOTA_EXCEEDED', 'x', { retryAfterSeconds: 7_200 }))).toBe(
    'Today’s tokens are used up. Try again in 2 hours.',
  );
});

test('codes that stand for many things are told by the server, in German where its words are known', () => {
  expect(textOfCode('CONFLICT', 'This username is taken.')).toBe('This username is taken.');
  expect(textOfCode('CONFLICT', '')).toBe(english.errors.codes.CONFLICT);
  expect(textOfCode('FORBIDDEN', 'Registration is closed. Ask an admin for an account.')).toMatch(/^Registration/);
  speak(german);
  expect(textOfCode('CONFLICT', 'This username is taken.')).toBe('Diesen Namen hat schon jemand.');
  expect(textOfCode('PROVIDER_UNAVAILABLE', 'openai has no model "elm".')).toBe('openai hat kein Modell „elm“.');
  expect(textOfCode('FORBIDDEN', 'Only an admin may do this.')).toBe('Das darf nur ein Administrator.');
  // The last resort.
  expect(textOfCode('BAD_USER_INPUT', 'It is odd.')).toBe(
    `${german.errors.codes.BAD_USER_INPUT} (${german.errors.quote('It is odd.')})`,
  );
});

test('what may pass can be tried again, nothing else', () => {
  expect(mayPass(fault('RATE_LIMITED'))).toBe(true);
  expect(mayPass(fault('UNREACHABLE'))).toBe(true);
  expect(mayPass(new Error('x'))).toBe(true);
  expect(mayPass(fault('BAD_USER_INPUT'))).toBe(false);
  expect(mayPass(fault('NOT_FOUND'))).toBe(false);
  expect(isCode(fault('NOT_FOUND'), 'NOT_FOUND')).toBe(true);
  expect(isCode(new Error('NOT_FOUND'), 'NOT_FOUND')).toBe(false);
});

test('faults stand beside their fields, in the language of the page; what belongs to none is said above', () => {
  speak(german);
  const invalid = fault('BAD_USER_INPUT', 'This is not an email address. Odd.', {
    fields: { 'input.email': 'This is not an email address.', password: 'Odd it is.', 'input.other': 'x' },
  });
  expect(faultsOf(invalid, ['email', 'password', 'username'])).toEqual({
    general: null,
    fields: { email: 'Das ist keine E-Mail-Adresse.', password: german.errors.quote('Odd it is.') },
  });
  expect(faultsOf(invalid, ['username'])).toEqual({
    general: expect.stringContaining(german.errors.codes.BAD_USER_INPUT),
    fields: {},
  });
  const taken = fault('CONFLICT', 'This username is taken.', { fields: { 'input.username': 'Taken.' } });
  expect(faultsOf(taken, ['username']).fields.username).toBe('Diesen Namen hat schon jemand.');
  expect(fieldsOf(invalid)['input.email']).toBe('Das ist keine E-Mail-Adresse.');
  expect(fieldsOf(new Error('x'))).toEqual({});
});
