import { createStore, useStore } from '../util/store.ts';

/** Which page is shown: that of one conversation (null: of a new one), or that of a collection (null: of all files). */
export type Route = {
  view: 'conversation' | 'knowledge';
  conversationId: string | null;
  collectionId: string | null;
};

const CONVERSATION = /^\/c\/([\w-]+)\/?$/;
const KNOWLEDGE = /^\/knowledge(?:\/([\w-]+))?\/?$/;

export function createRouter() {
  const store = createStore<Route>(readRoute());
  window.addEventListener('popstate', () => store.set(readRoute()));

  function show(route: Route, how: 'push' | 'replace'): void {
    const path = pathOfRoute(route);
    if (path !== location.pathname) history[how === 'push' ? 'pushState' : 'replaceState'](null, '', path);
    store.set(route);
  }

  return {
    store,
    /** `replace` leaves no entry in the history: for a conversation that has just got its id. */
    go: (conversationId: string | null, how: 'push' | 'replace' = 'push') =>
      show({ view: 'conversation', conversationId, collectionId: null }, how),
    goToKnowledge: (collectionId: string | null, how: 'push' | 'replace' = 'push') =>
      show({ view: 'knowledge', conversationId: null, collectionId }, how),
  };
}

export type Router = ReturnType<typeof createRouter>;

export const useRoute = (router: Router): Route => useStore(router.store, (route) => route);

export function pathOf(conversationId: string | null): string {
  return conversationId ? `/c/${conversationId}` : '/';
}

export function pathOfKnowledge(collectionId: string | null): string {
  return collectionId ? `/knowledge/${collectionId}` : '/knowledge';
}

function pathOfRoute({ view, conversationId, collectionId }: Route): string {
  return view === 'knowledge' ? pathOfKnowledge(collectionId) : pathOf(conversationId);
}

function readRoute(): Route {
  const path = location.pathname;
  const knowledge = KNOWLEDGE.exec(path);
  return {
    view: knowledge ? 'knowledge' : 'conversation',
    conversationId: CONVERSATION.exec(path)?.[1] ?? null,
    collectionId: knowledge?.[1] ?? null,
  };
}
