import { memory } from '../util/memory.ts';
import { createUuid } from '../util/uuid.ts';

/** What a person is writing. The key goes with the text: sent twice, it is answered once. */
export type Draft = { text: string; turnKey: string };

/** Keeps what is being written, for each conversation, until the server has it. */
export function createDrafts(userId: string) {
  const prefix = `colloquy.draft.${userId}.`;
  const keyOf = (conversationId: string | null) => prefix + (conversationId ?? 'new');

  function read(conversationId: string | null): Draft | null {
    return memory.read(keyOf(conversationId), isDraft);
  }

  return {
    read,
    /** Returns the draft with its key: the one that it had, as long as the text is the same. */
    write(conversationId: string | null, text: string): Draft {
      const before = read(conversationId);
      const draft = before?.text === text ? before : { text, turnKey: createUuid() };
      memory.write(keyOf(conversationId), text === '' ? null : draft);
      return draft;
    },
    /** A new conversation has got its id while this was being written in it. */
    name(conversationId: string, text: string): void {
      const draft = read(null);
      // Another tab may be writing a new one too.
      if (draft?.text !== text) return;
      memory.write(keyOf(conversationId), draft);
      memory.write(keyOf(null), null);
    },
    clear(conversationId: string | null): void {
      memory.write(keyOf(conversationId), null);
    },
    hasAny: (): boolean => memory.keys(prefix).some((key) => memory.read(key, isDraft)?.text.trim()),
    clearAll(): void {
      for (const key of memory.keys(prefix)) memory.write(key, null);
    },
  };
}

export type Drafts = ReturnType<typeof createDrafts>;

function isDraft(value: unknown): value is Draft {
  return typeof value === 'object' && value !== null && 'text' in value && 'turnKey' in value;
}
