import type { AuthFieldsFragment, LoginInput, RegisterInput } from '@colloquy/sdk';
import { type Api, createApi } from '../api/api.ts';
import { isCode } from '../api/api-error.ts';
import { TOKENS_KEY } from '../api/stored-tokens.ts';
import { memory } from '../util/memory.ts';
import { createStore } from '../util/store.ts';

export type User = { id: string; username: string; isAdmin: boolean };

export type SessionState = {
  user: User | null;
  /** Whether the last sign-in ended although nobody asked for it. */
  ended: boolean;
};

const USER_KEY = 'colloquy.user';
const LOGOUT_MS = 4_000;

/** Who is signed in, in this browser: all tabs share it. */
export function createSession() {
  const signedIn = memory.read(TOKENS_KEY, isObject) !== null;
  const store = createStore<SessionState>({ user: signedIn ? memory.read(USER_KEY, isUser) : null, ended: false });
  const api: Api = createApi(() => leave(true));

  function enter({ user }: Pick<AuthFieldsFragment, 'user'>): void {
    const { id, username, role } = user;
    const entered: User = { id, username, isAdmin: role === 'ADMIN' };
    memory.write(USER_KEY, entered);
    store.set({ user: entered, ended: false });
  }

  function leave(ended: boolean): void {
    memory.write(USER_KEY, null);
    api.connection.rest();
    store.set({ user: null, ended });
  }

  // What another tab does holds here too. It writes the tokens first, and who it is afterwards: either may come alone.
  window.addEventListener('storage', ({ key }) => {
    if (key !== TOKENS_KEY && key !== USER_KEY && key !== null) return;
    const { user } = store.get();
    const stored = memory.read(USER_KEY, isUser);
    if (!memory.read(TOKENS_KEY, isObject)) {
      if (user) leave(false);
    } else if (stored && stored.id !== user?.id) location.reload();
  });

  return {
    store,
    api,
    /** Asks the server who this is: the account may have changed, or its tokens may be of no use. */
    async check(): Promise<void> {
      if (!signedIn) return;
      try {
        const viewer = await api.client.viewer();
        if (viewer?.user) enter({ user: viewer.user });
        else leave(false);
      } catch (error) {
        // Unreachable: whatever is asked next will tell.
        if (isCode(error, 'UNAUTHENTICATED')) leave(true);
      }
    },
    async login(input: LoginInput): Promise<void> {
      enter(await api.client.login(input));
    },
    async register(input: RegisterInput): Promise<void> {
      enter(await api.client.register(input));
    },
    async logout(): Promise<void> {
      // Signed out here whether or not the server can be told.
      await api.client.logout({ timeoutMs: LOGOUT_MS }).catch(() => {});
      leave(false);
    },
  };
}

export type Session = ReturnType<typeof createSession>;

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isUser(value: unknown): value is User {
  return isObject(value) && 'id' in value && 'username' in value && 'isAdmin' in value;
}
