/** What this browser keeps for the page. Without storage (private windows, full disks) it keeps nothing. */
export const memory = {
  read<Value>(key: string, isValue: (value: unknown) => value is Value): Value | null {
    try {
      const value: unknown = JSON.parse(localStorage.getItem(key) ?? 'null');
      return isValue(value) ? value : null;
    } catch {
      return null;
    }
  },
  write(key: string, value: unknown): void {
    try {
      if (value === null || value === undefined) localStorage.removeItem(key);
      else localStorage.setItem(key, JSON.stringify(value));
    } catch {
      // The page works without.
    }
  },
  keys(prefix: string): string[] {
    try {
      return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
    } catch {
      return [];
    }
  },
};

export const isString = (value: unknown): value is string => typeof value === 'string';
