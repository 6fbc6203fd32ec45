import type { RetrievalInput } from '@colloquy/sdk';
import { createKept } from '../util/kept.ts';

/** What the answers of a conversation are looked up in. */
export type Scope = {
  mode: 'all' | 'chosen' | 'off';
  /** With `chosen`. */
  collectionIds: readonly string[];
  /** With `chosen`: what was attached to a message. */
  files: readonly { id: string; name: string }[];
};

export const EVERYTHING: Scope = { mode: 'all', collectionIds: [], files: [] };

/** Keeps the scope of each conversation, in this browser. */
export function createScopes(userId: string) {
  const kept = createKept(`colloquy.scope.${userId}.`, isScope, ({ mode }) => mode === 'all', EVERYTHING);
  const { read, write } = kept;

  return {
    ...kept,

    /** A file that is attached is what the next question is about. */
    attach(conversationId: string | null, file: { id: string; name: string }): void {
      const { mode, collectionIds, files } = read(conversationId);
      const others = mode === 'chosen' ? files.filter(({ id }) => id !== file.id) : [];
      const kept = mode === 'chosen' ? collectionIds : [];
      write(conversationId, {
        mode: 'chosen',
        collectionIds: kept,
        files: [...others, { id: file.id, name: file.name }],
      });
    },

    detach(conversationId: string | null, fileId: string): void {
      const scope = read(conversationId);
      if (!scope.files.some(({ id }) => id === fileId)) return;
      const files = scope.files.filter(({ id }) => id !== fileId);
      write(conversationId, files.length + scope.collectionIds.length === 0 ? EVERYTHING : { ...scope, files });
    },

    /** A file or a collection is no more: no prompt may name it. */
    forget(goneId: string): void {
      for (const conversationId of kept.conversationIds()) {
        const scope = read(conversationId);
        const collectionIds = scope.collectionIds.filter((id) => id !== goneId);
        const files = scope.files.filter(({ id }) => id !== goneId);
        if (collectionIds.length + files.length === scope.collectionIds.length + scope.files.length) continue;
        write(
          conversationId,
          collectionIds.length + files.length === 0 ? EVERYTHING : { ...scope, collectionIds, files },
        );
      }
    },

    /** As a prompt is sent with it; null: the server's own default. */
    input(conversationId: string | null): RetrievalInput | null {
      const { mode, collectionIds, files } = read(conversationId);
      if (mode === 'all') return null;
      if (mode === 'off') return { enabled: false };
      return { enabled: true, collectionIds: [...collectionIds], fileIds: files.map(({ id }) => id) };
    },
  };
}

export type Scopes = ReturnType<typeof createScopes>;

function isScope(value: unknown): value is Scope {
  if (typeof value !== 'object' || value === null || !('mode' in value)) return false;
  return (
    'collectionIds' in value && Array.isArray(value.collectionIds) && 'files' in value && Array.isArray(value.files)
  );
}
