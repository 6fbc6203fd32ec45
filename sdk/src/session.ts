import { ColloquyError, unauthenticated } from './errors.ts';
import { lifetimeOf, type TokenStore, type Tokens } from './tokens.ts';

export type Credential = { kind: 'bearer' | 'api-key'; value: string };

export type SessionOptions = {
  /** One that cannot be renewed. */
  fixed: Credential | null;
  tokens: Tokens | null;
  store: TokenStore | null;
  refresh: (refreshToken: string) => Promise<Tokens>;
  onTokens: (tokens: Tokens | null) => void;
  onSignedOut: (error: ColloquyError) => void;
  now: () => number;
};

export type Session = ReturnType<typeof createSession>;

/** An access token is renewed so long before it ends that no request arrives with one that has just ended. */
const MARGIN_MS = 30_000;

/** What requests are made with: a fixed credential, or tokens that are renewed before they end. */
export function createSession(options: SessionOptions) {
  const { fixed, store, now } = options;
  let tokens: Tokens | null = null;
  let renewAt = 0;
  let loading: Promise<void> | undefined;
  let renewing: Promise<Tokens | null> | undefined;

  /** Once, at the first use: nothing waits for a store that nobody needs. */
  function load(): Promise<void> {
    loading ??= (async () => {
      const found = options.tokens ?? (await store?.load()) ?? null;
      if (tokens === null && found) hold(found, null);
    })();
    return loading;
  }

  function hold(next: Tokens, lifetime: number | null): void {
    tokens = next;
    const left = lifetime ?? Date.parse(next.expiresAt) - now();
    renewAt = now() + left - Math.min(MARGIN_MS, left / 4);
  }

  /** Takes on new tokens, or with null signs out. */
  async function adopt(next: Tokens | null): Promise<void> {
    loading ??= Promise.resolve();
    if (next) {
      const { accessToken, refreshToken, expiresAt } = next;
      // Just issued: how long they last is known without a look at the clock, which may be wrong here.
      hold({ accessToken, refreshToken, expiresAt }, lifetimeOf(accessToken));
    } else tokens = null;
    await store?.save(tokens);
    options.onTokens(tokens);
  }

  /** One renewal at a time, however many requests wait for it: a refresh token works once. */
  function renewTokens(stale: Tokens): Promise<Tokens | null> {
    const task = () => renewAlone(stale);
    renewing ??= (store?.lock ? store.lock(task) : task()).finally(() => {
      renewing = undefined;
    });
    return renewing;
  }

  async function renewAlone(stale: Tokens): Promise<Tokens | null> {
    const stored = store ? await store.load() : stale;
    // Another tab or process has renewed them, or signed out.
    if (stored && stored.accessToken !== stale.accessToken) {
      hold(stored, null);
      options.onTokens(stored);
      return stored;
    }
    try {
      if (!stored) throw unauthenticated();
      const fresh = await options.refresh(stale.refreshToken);
      // Somebody may have signed in anew while the answer was on its way.
      if (tokens === stale) await adopt(fresh);
    } catch (error) {
      if (!(error instanceof ColloquyError) || !isFinal(error)) throw error;
      if (tokens === stale) await signOut(error);
    }
    return tokens;
  }

  async function signOut(error: ColloquyError): Promise<void> {
    await adopt(null);
    options.onSignedOut(error);
  }

  return {
    /** What to make the next request with; null when nobody is signed in. Throws UNREACHABLE. */
    async credential(): Promise<Credential | null> {
      if (fixed) return fixed;
      await load();
      let current = tokens;
      if (current && now() >= renewAt) {
        try {
          current = await renewTokens(current);
        } catch (error) {
          // Still good for a moment: the request itself will tell whether the server is there.
          if (!tokens || now() >= Date.parse(tokens.expiresAt)) throw error;
        }
      }
      return current && { kind: 'bearer', value: current.accessToken };
    },

    /** After the server refused a credential: whether there is another one to try. */
    async renew(refused: Credential | null): Promise<boolean> {
      if (fixed) return false;
      await load();
      if (!tokens) return false;
      if (tokens.accessToken !== refused?.value) return true;
      return (await renewTokens(tokens)) !== null;
    },

    async tokens(): Promise<Tokens | null> {
      await load();
      return tokens;
    },

    adopt,
  };
}

/** The server has judged the refresh token; anything else may pass. */
function isFinal({ code }: ColloquyError): boolean {
  return code === 'UNAUTHENTICATED' || code === 'BAD_USER_INPUT' || code === 'FORBIDDEN';
}
