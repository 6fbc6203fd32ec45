import type { Client, FileFieldsFragment } from '@colloquy/sdk';
import { messageOf } from '../api/api-error.ts';
import { createStore } from '../util/store.ts';
import { createUuid } from '../util/uuid.ts';

/** Where uploads belong to: the message that is being written in a conversation, or a collection. */
export type UploadPlace = { owner: string; collectionId: string | null };

export type Upload = UploadPlace & {
  id: string;
  source: File;
  phase: 'waiting' | 'sending' | 'sent' | 'failed';
  /** Of its bytes: 0 to 1. */
  progress: number;
  error: string | null;
  /** Once the server has it. */
  file: FileFieldsFragment | null;
};

export type UploadsState = { items: readonly Upload[] };

/** Sent at once; the others wait. */
const MOST = 3;

/** Files on their way to the server. They go on while a person is elsewhere on the page. `onSent`: it has one. */
export function createUploads(client: Client, onSent: (upload: Upload, file: FileFieldsFragment) => void) {
  const store = createStore<UploadsState>({ items: [] });
  const running = new Map<string, AbortController>();

  function change(id: string, changes: Partial<Upload>): void {
    store.set({ items: store.get().items.map((item) => (item.id === id ? { ...item, ...changes } : item)) });
  }

  function next(): void {
    for (const item of store.get().items) {
      if (running.size >= MOST) return;
      if (item.phase === 'waiting') void run(item);
    }
  }

  async function run(item: Upload): Promise<void> {
    const { id, source, collectionId } = item;
    const controller = new AbortController();
    const { signal } = controller;
    running.set(id, controller);
    change(id, { phase: 'sending', progress: 0, error: null });
    try {
      const onProgress = ({ sent, total }: { sent: number; total: number | null }) =>
        change(id, { progress: total ? sent / total : 0 });
      const file = await client.uploadFile(source, { collectionId, signal, onProgress });
      if (signal.aborted) return;
      change(id, { phase: 'sent', progress: 1, file });
      onSent(item, file);
    } catch (error) {
      if (!signal.aborted) change(id, { phase: 'failed', error: messageOf(error) });
    } finally {
      running.delete(id);
      next();
    }
  }

  function drop(isDropped: (item: Upload) => boolean): void {
    const { items } = store.get();
    for (const item of items) if (isDropped(item)) running.get(item.id)?.abort();
    store.set({ items: items.filter((item) => !isDropped(item)) });
  }

  return {
    store,

    add(sources: readonly File[], place: UploadPlace): void {
      const added = sources.map(
        (source): Upload => ({
          ...place,
          id: createUuid(),
          source,
          phase: 'waiting',
          progress: 0,
          error: null,
          file: null,
        }),
      );
      store.set({ items: [...store.get().items, ...added] });
      next();
    },

    retry(id: string): void {
      change(id, { phase: 'waiting', error: null });
      next();
    },

    /** Ends the sending of what is being sent; what the server has it keeps. */
    drop: (id: string) => drop((item) => item.id === id),
    dropSent: (owner: string) => drop((item) => item.owner === owner && item.phase === 'sent'),
    /** What belonged to a new conversation belongs to the one that it has become. */
    move(from: string, to: string): void {
      store.set({ items: store.get().items.map((item) => (item.owner === from ? { ...item, owner: to } : item)) });
    },
    dispose: () => drop(() => true),
  };
}

export type Uploads = ReturnType<typeof createUploads>;
