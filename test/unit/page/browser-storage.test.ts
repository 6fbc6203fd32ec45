import { expect, test } from 'vitest';
import { createBrowserStorage } from '../../../frontend/src/util/browser-storage.ts';

/** As a browser's, with room for so many characters. */
function limitedStorage(room: number): Storage {
  const values: Record<string, string> = {};
  Object.defineProperties(values, {
    getItem: { value: (key: string) => values[key] ?? null },
    setItem: {
      value(key: string, value: string) {
        if (value.length > room) throw new DOMException('full', 'QuotaExceededError');
        values[key] = value;
      },
    },
    removeItem: { value: (key: string) => Reflect.deleteProperty(values, key) },
  });
  return values as unknown as Storage;
}

test('what a full disk refuses is kept by this tab, and nothing old is left in its place', () => {
  const browser = limitedStorage(5);
  const storage = createBrowserStorage(() => browser);
  storage.setItem('a', 'short');
  storage.setItem('b', 'short');
  storage.setItem('a', 'much longer');
  expect(storage.getItem('a')).toBe('much longer');
  expect(browser.getItem('a')).toBe(null);
  expect(storage.keys().toSorted()).toEqual(['a', 'b']);
  storage.setItem('a', 'again');
  expect(browser.getItem('a')).toBe('again');
  storage.removeItem('a');
  expect([storage.getItem('a'), storage.keys()]).toEqual([null, ['b']]);
});

test('without any storage this tab keeps all of it', () => {
  const storage = createBrowserStorage(() => {
    throw new DOMException('denied', 'SecurityError');
  });
  storage.setItem('a', '1');
  expect([storage.getItem('a'), storage.getItem('b'), storage.keys()]).toEqual(['1', null, ['a']]);
  storage.removeItem('a');
  expect(storage.getItem('a')).toBe(null);
});
