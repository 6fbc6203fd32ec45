import { createStore, useStore } from '../util/store.ts';

/** The page of one conversation, or with null that of a new one. */
export type Route = { conversationId: string | null };

const CONVERSATION = /^\/c\/([\w-]+)\/?$/;

export function createRouter() {
  const store = createStore<Route>(readRoute());
  window.addEventListener('popstate', () => store.set(readRoute()));

  return {
    store,
    /** `replace` leaves no entry in the history: for a conversation that has just got its id. */
    go(conversationId: string | null, how: 'push' | 'replace' = 'push') {
      const path = pathOf(conversationId);
      if (path !== location.pathname) history[how === 'push' ? 'pushState' : 'replaceState'](null, '', path);
      store.set({ conversationId });
    },
  };
}

export type Router = ReturnType<typeof createRouter>;

export const useRoute = (router: Router) => useStore(router.store, (route) => route.conversationId);

export function pathOf(conversationId: string | null): string {
  return conversationId ? `/c/${conversationId}` : '/';
}

function readRoute(): Route {
  return { conversationId: CONVERSATION.exec(location.pathname)?.[1] ?? null };
}
