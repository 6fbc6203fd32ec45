import { createStore, useStore } from '../util/store.ts';

/** Which page is shown. */
export type Route =
  /** One conversation; null: a new one. */
  | { view: 'conversation'; conversationId: string | null }
  /** A collection; null: all files. */
  | { view: 'knowledge'; collectionId: string | null }
  /** `section`: as in the address, null: the first one. `itemId`: the thing of that section that is open. */
  | { view: 'admin'; section: string | null; itemId: string | null }
  | { view: 'settings'; section: string | null };

const CONVERSATION = /^\/c\/([\w-]+)\/?$/;
const KNOWLEDGE = /^\/knowledge(?:\/([\w-]+))?\/?$/;
const ADMIN = /^\/admin(?:\/([\w-]+))?(?:\/([\w-]+))?\/?$/;
const SETTINGS = /^\/settings(?:\/([\w-]+))?\/?$/;

/** Asked before the page goes elsewhere, which it does once `leave` is called. */
export type LeaveGuard = (leave: () => void) => void;

export function createRouter() {
  const store = createStore<{ route: Route }>({ route: readRoute() });
  // An address that names nothing leads to a new conversation, and says so.
  const path = pathOfRoute(store.get().route);
  if (path !== location.pathname) history.replaceState(history.state, '', path);
  /** Where this entry is in the history of the tab, as its state says: how far it is back to where somebody came from. */
  let position = readPosition();
  let guard: LeaveGuard | null = null;
  let isComingBack = false;

  function onPopState(): void {
    if (isComingBack) {
      isComingBack = false;
      return;
    }
    const distance = readPosition() - position;
    if (guard && distance !== 0) {
      // The browser has gone there already.
      isComingBack = true;
      history.go(-distance);
      guard(() => {
        guard = null;
        history.go(distance);
      });
      return;
    }
    position = readPosition();
    store.set({ route: readRoute() });
  }

  /** `replace` leaves no entry in the history, and asks nobody: for what has just got its id. */
  function show(route: Route, how: 'push' | 'replace' = 'push'): void {
    const path = pathOfRoute(route);
    if (how === 'push' && guard && path !== location.pathname) {
      guard(() => {
        guard = null;
        show(route);
      });
      return;
    }
    if (path !== location.pathname) {
      if (how === 'push') position += 1;
      history[how === 'push' ? 'pushState' : 'replaceState']({ position }, '', path);
    }
    store.set({ route });
  }

  return {
    store,
    show,
    /** Follows the browser's own buttons, until what is returned is called. */
    start(): () => void {
      window.addEventListener('popstate', onPopState);
      return () => window.removeEventListener('popstate', onPopState);
    },
    /** Asks `ask` before the page goes elsewhere, until what is returned is called. One at a time. */
    guard(ask: LeaveGuard): () => void {
      guard = ask;
      return () => {
        if (guard === ask) guard = null;
      };
    },
    /** Something would be lost by going elsewhere. */
    isGuarded: (): boolean => guard !== null,
    /** Whether a page is still shown: an answer may come when somebody has gone elsewhere. */
    isAt: (route: Route): boolean => pathOfRoute(route) === pathOfRoute(store.get().route),
    go: (conversationId: string | null, how: 'push' | 'replace' = 'push') =>
      show({ view: 'conversation', conversationId }, how),
    goToKnowledge: (collectionId: string | null, how: 'push' | 'replace' = 'push') =>
      show({ view: 'knowledge', collectionId }, how),
  };
}

export type Router = ReturnType<typeof createRouter>;

export const useRoute = (router: Router): Route => useStore(router.store, (state) => state.route);

/** Of the conversation that is shown. */
export const conversationIdOf = (route: Route): string | null =>
  route.view === 'conversation' ? route.conversationId : null;

/** Of the collection that is shown. */
export const collectionIdOf = (route: Route): string | null => (route.view === 'knowledge' ? route.collectionId : null);

export const pathOf = (conversationId: string | null): string => pathOfRoute({ view: 'conversation', conversationId });

export const pathOfKnowledge = (collectionId: string | null): string =>
  pathOfRoute({ view: 'knowledge', collectionId });

export function pathOfRoute(route: Route): string {
  switch (route.view) {
    case 'conversation':
      return route.conversationId ? `/c/${route.conversationId}` : '/';
    case 'knowledge':
      return joined('knowledge', route.collectionId);
    case 'admin':
      return joined('admin', route.section, route.itemId);
    case 'settings':
      return joined('settings', route.section);
  }
}

const joined = (...parts: (string | null)[]): string => `/${parts.filter((part) => part !== null).join('/')}`;

function readPosition(): number {
  const state: unknown = history.state;
  const isOurs = typeof state === 'object' && state !== null && 'position' in state;
  return isOurs && typeof state.position === 'number' ? state.position : 0;
}

function readRoute(): Route {
  const path = location.pathname;
  const knowledge = KNOWLEDGE.exec(path);
  if (knowledge) return { view: 'knowledge', collectionId: knowledge[1] ?? null };
  const admin = ADMIN.exec(path);
  if (admin) return { view: 'admin', section: admin[1] ?? null, itemId: admin[2] ?? null };
  const settings = SETTINGS.exec(path);
  if (settings) return { view: 'settings', section: settings[1] ?? null };
  return { view: 'conversation', conversationId: CONVERSATION.exec(path)?.[1] ?? null };
}
