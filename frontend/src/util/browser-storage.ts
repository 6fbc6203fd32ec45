/**
 * What the browser keeps for the page, in all its tabs. What it refuses to keep (blocked cookies, a full disk) this tab
 * keeps by itself for as long as it is open: a person can sign in all the same.
 */
export function createBrowserStorage(find: () => Storage) {
  const refused = new Map<string, string>();

  function attempt<Result>(work: (storage: Storage) => Result, otherwise: Result): Result {
    try {
      return work(find());
    } catch {
      return otherwise;
    }
  }

  function removeItem(key: string): void {
    refused.delete(key);
    attempt((storage) => storage.removeItem(key), undefined);
  }

  return {
    getItem: (key: string): string | null => refused.get(key) ?? attempt((storage) => storage.getItem(key), null),
    setItem(key: string, value: string): void {
      refused.delete(key);
      const write = (storage: Storage) => {
        storage.setItem(key, value);
        return true;
      };
      if (attempt(write, false)) return;
      // Nor may another tab, or the next load, take what was there before for what is there now.
      removeItem(key);
      refused.set(key, value);
    },
    removeItem,
    keys: (): string[] => [...new Set([...refused.keys(), ...attempt(Object.keys, [])])],
  };
}

export const browserStorage = createBrowserStorage(() => localStorage);
