import { type KeyValueStorage, withStorageLock } from './storage-lock.ts';

/** A sign-in. The refresh token works once: whoever keeps these has to keep the newest. */
export type Tokens = {
  accessToken: string;
  refreshToken: string;
  /** When the access token ends, in ISO 8601. */
  expiresAt: string;
};

/** Where a sign-in is kept between two starts of a program or two loads of a page. */
export type TokenStore = {
  load(): Tokens | null | Promise<Tokens | null>;
  /** Null: signed out. */
  save(tokens: Tokens | null): void | Promise<void>;
  /**
   * Runs `task` while no other user of the same store runs one. A refresh token works once, so tabs or processes that
   * share a sign-in have to renew it one after another, or the server takes the second for a thief.
   */
  lock?<Result>(task: () => Promise<Result>): Promise<Result>;
};

/** Keeps the sign-in in the browser's localStorage, shared by all tabs. */
export function browserTokenStore(key = 'colloquy.tokens', storage?: KeyValueStorage): TokenStore {
  const store = () => storage ?? globalThis.localStorage;
  return {
    load: () => parseTokens(store().getItem(key)),
    save: (tokens) => (tokens ? store().setItem(key, JSON.stringify(tokens)) : store().removeItem(key)),
    async lock(task) {
      const alone = () => withStorageLock(store(), `${key}.lock`, task);
      const locks = globalThis.navigator?.locks;
      if (!locks) return alone();
      let isBegun = false;
      const begin = () => {
        isBegun = true;
        return task();
      };
      try {
        return await locks.request(key, begin);
      } catch (error) {
        // Where a person has blocked cookies the browser refuses locks too.
        if (isBegun) throw error;
        return alone();
      }
    },
  };
}

/** What was kept as JSON; null when it is nothing, or nothing that can be used. */
export function parseTokens(text: string | null): Tokens | null {
  try {
    const { accessToken, refreshToken, expiresAt } = JSON.parse(text ?? 'null') ?? {};
    const whole = [accessToken, refreshToken, expiresAt].every((part) => typeof part === 'string');
    return whole ? { accessToken, refreshToken, expiresAt } : null;
  } catch {
    return null;
  }
}

/** How long an access token lasts by what the server wrote into it, whatever the clock here says; null: unknown. */
export function lifetimeOf(accessToken: string): number | null {
  try {
    const claims = accessToken.split('.')[1] ?? '';
    const { iat, exp } = JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/')));
    return typeof iat === 'number' && typeof exp === 'number' ? (exp - iat) * 1000 : null;
  } catch {
    return null;
  }
}
