import { memory } from './memory.ts';
import { createStore } from './store.ts';

/** Of one that has no id yet. */
const NEW = 'new';

/** Keeps something of each conversation, or of what else has an id, in this browser. `store` tells of each change. */
export function createKept<Value>(
  prefix: string,
  isValue: (value: unknown) => value is Value,
  /** What is there where nothing is kept. */
  isNothing: (value: Value) => boolean,
  nothing: Value,
) {
  const store = createStore<{ byConversation: ReadonlyMap<string, Value> }>({ byConversation: new Map() });

  function read(conversationId: string | null): Value {
    const key = conversationId ?? NEW;
    return store.get().byConversation.get(key) ?? memory.read(prefix + key, isValue) ?? nothing;
  }

  function write(conversationId: string | null, value: Value): void {
    const key = conversationId ?? NEW;
    memory.write(prefix + key, isNothing(value) ? null : value);
    store.set({ byConversation: new Map(store.get().byConversation).set(key, value) });
  }

  /** Those that something is kept of; null: the new one. */
  function conversationIds(): (string | null)[] {
    const kept = memory.keys(prefix).map((key) => key.slice(prefix.length));
    return [...new Set([...kept, ...store.get().byConversation.keys()])].map((key) => (key === NEW ? null : key));
  }

  return {
    store,
    read,
    write,

    conversationIds,
    hasAny: (): boolean => conversationIds().some((id) => !isNothing(read(id))),

    /** A new conversation has got its id; the next new one begins with nothing. */
    name(conversationId: string): void {
      const value = read(null);
      write(null, nothing);
      write(conversationId, value);
    },

    clear: (conversationId: string): void => write(conversationId, nothing),

    clearAll(): void {
      for (const key of memory.keys(prefix)) memory.write(key, null);
      store.set({ byConversation: new Map() });
    },
  };
}
