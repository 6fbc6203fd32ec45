import { readdirSync, readFileSync } from 'node:fs';
import { beforeEach, expect, test, vi } from 'vitest';
import { english } from '../../../frontend/src/texts/english/english.ts';
import { piecesOf } from '../../../frontend/src/texts/foreign.ts';
import { german as germanTexts } from '../../../frontend/src/texts/german/german.ts';
import { serverWords } from '../../../frontend/src/texts/german/server-words.ts';
import { inPageWords, translated } from '../../../frontend/src/texts/server-words.ts';
import { createFaults } from '../../../src/util/provider-fault.ts';

const catalogue = vi.hoisted(() => ({ texts: {} as object }));
vi.mock('../../../frontend/src/texts/texts.ts', () => catalogue);
beforeEach(() => void Object.assign(catalogue, { texts: english }));

const german = (said: string) => translated(said, serverWords);

test('sentences are known whole, with something in their gaps, and one after the other', () => {
  expect(german('The file is empty.')).toBe('Die Datei ist leer.');
  expect(german('openai has no model "elm".')).toBe('openai hat kein Modell „elm“.');
  expect(german('The provider ollama refused the request: too much {} at once.')).toBe(
    'Der Anbieter ollama hat die Anfrage abgelehnt: too much {} at once.',
  );
  expect(german('A title cannot be empty. A title cannot hold the character NUL.')).toBe(
    'Ein Gespräch braucht einen Titel. Das Zeichen NUL ist hier nicht erlaubt.',
  );
  expect(german('openai: The file is empty. A title cannot be empty.')).toBe(
    'openai: Die Datei ist leer. Ein Gespräch braucht einen Titel.',
  );
  // In two sentences, and known as a whole.
  expect(german('This username is taken. The file has a password. Save it without one and upload that.')).toBeNull();
  expect(german('The file has a password. Save it without one and upload that.')).toMatch(/^Die Datei ist mit/);
});

test('what others say inside a sentence is in German too, or else quoted', () => {
  const down = 'No language model can be reached; the built-in answerer is used. ollama:';
  expect(german(`${down} The provider ollama cannot be reached. openai: The provider openai failed (HTTP 503).`)).toBe(
    'Kein Sprachmodell ist erreichbar; es antwortet das eingebaute. ollama: Der Anbieter ollama ist nicht erreichbar. openai: Beim Anbieter openai ist ein Fehler aufgetreten (HTTP 503).',
  );
  Object.assign(catalogue, { texts: germanTexts });
  const quoted = german(`${down} It is odd.`) ?? '';
  expect(piecesOf(quoted)).toEqual([expect.stringMatching(/ollama: „$/), 'It is odd.', '“']);
  expect(inPageWords('It is \u2069odd\u2068.')).toBe(germanTexts.errors.quote('It is odd.'));
  // A name is no sentence.
  expect(inPageWords('ollama')).toBe('ollama');
  Object.assign(catalogue, { texts: english });
  expect(inPageWords('It is odd.')).toBe('It is odd.');
});

test('what nobody has written down is not guessed', () => {
  expect(german('Something else.')).toBeNull();
  expect(german('constructor')).toBeNull();
  expect(german('__proto__')).toBeNull();
  expect(german('The file is empty. Something else.')).toBeNull();
  expect(german('The provider  failed (HTTP ).')).toBeNull();
  expect(german('')).toBeNull();
});

/** All that the server's sources have in quotes, with its gaps. */
function serverSources(): string {
  const root = new URL('../../../src/', import.meta.url);
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.ts') && !file.startsWith('generated'))
    .map((file) => readFileSync(new URL(file, root), 'utf8').replaceAll(/\$\{[^{}]*\}/g, '{}'))
    .join('\n')
    .replaceAll("\\'", "'");
}

/** Whatever may be said of a provider that does not answer. */
function providerFaults(): string[] {
  const faults = createFaults('ollama', []);
  const errors = [
    ...[401, 402, 404, 400, 500, 302].map((status) => faults.status(status).error),
    faults.status(404, { model: 'elm' }).error,
    faults.status(400, { body: '{"error": {"message": "too long"}}' }).error,
    ...['ECONNREFUSED', 'ENOTFOUND', 'CERT_HAS_EXPIRED', 'ECONNRESET', 'EHOSTUNREACH'].map(
      (code) => faults.connection(code).error,
    ),
    ...[faults.connectTimeout(5_000), faults.silent(60_000), faults.tooLong(90_000)].map(({ error }) => error),
    ...[faults.cut(), faults.malformed(), faults.notAnApi(), faults.reported('')].map(({ error }) => error),
    faults.paused(),
  ];
  return errors.map(({ message }) => message);
}

test('the server still says all of them', () => {
  const sources = serverSources();
  const isSaid = (piece: string) => sources.includes(piece.replace(/\.$/, '').trim());
  const isMadeUp = (said: string) => providerFaults().some((message) => translated(message, { [said]: said }) !== null);
  // What is put together of pieces is there in pieces.
  const gone = Object.keys(serverWords).filter(
    (said) => !isSaid(said) && !said.split('{}').every(isSaid) && !isMadeUp(said),
  );
  expect(gone).toEqual([]);
});

test('each has as many gaps in German as there are, or fewer', () => {
  const gapsOf = (text: string) => text.split(/\{(?:said)?\}/).length;
  const wrong = Object.entries(serverWords).filter(([said, words]) => gapsOf(words) > gapsOf(said));
  expect(wrong).toEqual([]);
});

test('why a provider does not answer is known in German', () => {
  expect(providerFaults().filter((message) => german(message) === null)).toEqual([]);
});
