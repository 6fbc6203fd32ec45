import { afterAll, beforeAll, expect, test, vi } from 'vitest';

/** As in a browser whose language this is. The catalogues read it once. */
async function speaking(languages: readonly string[]) {
  vi.resetModules();
  vi.stubGlobal('navigator', { languages });
  const { german } = await import('../../../frontend/src/texts/german/german.ts');
  const { english } = await import('../../../frontend/src/texts/english/english.ts');
  const language = await import('../../../frontend/src/texts/language.ts');
  const amounts = await import('../../../frontend/src/util/amounts.ts');
  return { german, english, ...language, ...amounts };
}

let here: Awaited<ReturnType<typeof speaking>>;
beforeAll(async () => {
  here = await speaking(['de-DE', 'en']);
});
afterAll(() => {
  vi.unstubAllGlobals();
});

/** Any space: which one stands there differs between versions of the data about languages. */
const plain = (text: string) => text.replace(/\s/g, ' ');

test('numbers are written as Germans write them', () => {
  const { formatNumber, formatPercent, formatBytes, formatMilliseconds } = here;
  expect(formatNumber(1_234.5, 1)).toBe('1.234,5');
  expect(formatNumber(1_234_567)).toBe('1.234.567');
  expect(plain(formatPercent(0.45))).toBe('45 %');
  expect(formatBytes(1_234_567)).toBe('1,2 MB');
  expect(formatBytes(25)).toBe('25 B');
  expect(formatMilliseconds(240)).toBe('240 ms');
  expect(formatMilliseconds(1_234)).toBe('1,2 s');
});

test('days and times are written as Germans write them', () => {
  const { formatClock, formatDay, formatTime, formatLately, formatSpan } = here;
  const now = new Date(2026, 2, 5, 14, 30);
  expect(formatDay(new Date(2026, 2, 1, 12).toISOString(), now)).toBe('1. März');
  expect(formatDay(new Date(2025, 11, 24, 12).toISOString(), now)).toBe('24. Dez. 2025');
  expect(formatLately(new Date(2026, 2, 5, 9, 5).toISOString(), now)).toBe('09:05');
  expect([formatClock(new Date(2026, 2, 5, 0, 19)), formatClock(new Date(2026, 2, 5, 0, 19, 7), true)]).toEqual([
    '00:19',
    '00:19:07',
  ]);
  expect(plain(formatTime(new Date(2026, 2, 1, 18, 4).toISOString()))).toBe('01.03.2026, 18:04');
  expect(formatSpan(3 * 86_400)).toBe('3 Tage');
  expect(formatSpan(90)).toBe('1 Minute');
});

test('one is not many, and many have their points', () => {
  const { german } = here;
  expect([1, 2, 1_234].map((number) => german.files.number(number))).toEqual(['1 Datei', '2 Dateien', '1.234 Dateien']);
  expect(german.files.deletedSeveral(1)).toBe('1 Datei wurde gelöscht.');
  expect(german.files.deletedSeveral(2)).toBe('2 Dateien wurden gelöscht.');
  expect(german.collections.deleteText('Küche', 1)).toMatch(/^„Küche“ wird mit 1 Datei darin gelöscht\./);
  expect(german.sidebar.results(1)).toBe('1 Treffer');
  expect(german.uploads.tooMany(1, 500)).toBe('Höchstens 500 Dateien auf einmal: 1 Datei wurde ausgelassen.');
  expect(german.errors.retryAfter(1)).toBe('Versuchen Sie es in 1 Sekunde noch einmal.');
  expect(german.errors.retryAfter(600)).toBe('Versuchen Sie es in 10 Minuten noch einmal.');
  expect(german.settings.data.summary(1, 0, 12_345)).toBe('1 Gespräch importiert, 0 übersprungen, 12.345 abgelehnt.');
  expect(german.sources.offsets(1_200, 3_400)).toBe('Zeichen 1.200 bis 3.400');
  expect(plain(german.files.percent(0.459))).toBe('45 %');
});

test('the same in English, which has its own variants', async () => {
  const { english, formatNumber, formatBytes, formatDay } = await speaking(['en-GB']);
  const now = new Date(2026, 2, 5);
  expect(formatNumber(1_234.5, 1)).toBe('1,234.5');
  expect(formatBytes(1_234_567)).toBe('1.2 MB');
  expect(formatDay(new Date(2025, 11, 24, 12).toISOString(), now)).toBe('24 Dec 2025');
  expect(english.files.percent(0.459)).toBe('45%');
  expect(english.uploads.tooMany(1, 500)).toBe('No more than 500 files at a time: 1 was left out.');
  expect((await speaking(['en-US'])).formatDay(new Date(2025, 11, 24, 12).toISOString(), now)).toBe('Dec 24, 2025');
});
