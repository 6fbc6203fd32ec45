import { type Client, StorageDocument } from '@colloquy/sdk';
import { texts } from '../texts/texts.ts';
import { formatBytes } from '../util/amounts.ts';
import { coalesced } from '../util/coalesced.ts';
import { createStore } from '../util/store.ts';

/** In bytes. */
export type Room = { used: number; limit: number; largest: number };

export type Admission = {
  /** Why a file would be refused; null: it may be sent. */
  refusal: string | null;
  /** It has been sent, or has not. */
  settle: () => void;
};

/** How much room a person has for files, as the server last told it. */
export function createStorage(client: Client) {
  const store = createStore<{ room: Room | null }>({ room: null });
  /** Of what is on its way. */
  let reserved = 0;
  // What cannot be read stays as it was.
  const refresh = coalesced(() => read().catch(() => {}));

  async function read(): Promise<void> {
    const { storageBytes, storageLimitBytes, uploadLimitBytes } = (await client.query(StorageDocument)).stats.user;
    store.set({ room: { used: storageBytes, limit: storageLimitBytes, largest: uploadLimitBytes } });
  }

  function refusalOf(size: number, { used, limit, largest }: Room): string | null {
    if (size > largest) return texts.uploads.tooLarge(formatBytes(size), formatBytes(largest));
    const left = Math.max(0, limit - used - reserved);
    return size > left ? texts.uploads.noRoom(formatBytes(left), formatBytes(limit)) : null;
  }

  function release(size: number): void {
    reserved -= size;
  }

  return {
    store,
    refresh,

    /**
     * Whether a file need not be sent, because it would be refused. It holds the room of those that are sent meanwhile. What
     * the server says holds in any case: files may have come or gone elsewhere.
     */
    async admit(size: number): Promise<Admission> {
      if (!store.get().room) await refresh();
      const { room } = store.get();
      const refusal = room && refusalOf(size, room);
      if (refusal) return { refusal, settle: () => {} };
      reserved += size;
      return { refusal: null, settle: () => void refresh().then(() => release(size)) };
    },
  };
}

export type Storage = ReturnType<typeof createStorage>;
