import { browserStorage } from './browser-storage.ts';

/** What this browser keeps for the page, as JSON. */
export const memory = {
  read<Value>(key: string, isValue: (value: unknown) => value is Value): Value | null {
    try {
      const value: unknown = JSON.parse(browserStorage.getItem(key) ?? 'null');
      return isValue(value) ? value : null;
    } catch {
      return null;
    }
  },
  write(key: string, value: unknown): void {
    if (value === null || value === undefined) browserStorage.removeItem(key);
    else browserStorage.setItem(key, JSON.stringify(value));
  },
  keys: (prefix: string): string[] => browserStorage.keys().filter((key) => key.startsWith(prefix)),
};

export const isString = (value: unknown): value is string => typeof value === 'string';
