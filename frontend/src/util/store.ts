import { useSyncExternalStore } from 'react';

export type Store<State> = {
  get: () => State;
  /** Replaces fields; nobody is told when none of them changes. */
  set: (changes: Partial<State>) => void;
  subscribe: (listener: () => void) => () => void;
};

/** State that lives outside of components. */
export function createStore<State extends object>(initial: State): Store<State> {
  let state = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => state,
    set(changes) {
      const keys = Object.keys(changes) as (keyof State)[];
      if (keys.every((key) => Object.is(state[key], changes[key]))) return;
      state = { ...state, ...changes };
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** A part of a store's state. `select` returns the same thing for the same state, so no new objects. */
export function useStore<State extends object, Part>(store: Store<State>, select: (state: State) => Part): Part {
  return useSyncExternalStore(store.subscribe, () => select(store.get()));
}
