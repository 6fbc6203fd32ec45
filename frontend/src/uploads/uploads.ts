import { type Client, ColloquyError, type FileFieldsFragment } from '@colloquy/sdk';
import { messageOf } from '../api/api-error.ts';
import { createStore } from '../util/store.ts';
import { createUuid } from '../util/uuid.ts';
import type { Admission } from './storage.ts';

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

/** Of what was added together: what the server has got. `twins`: of those, what it had already under some name. */
export type Tally = { files: number; bytes: number; twins: number };

export type UploadsState = { items: readonly Upload[]; tallies: ReadonlyMap<string, Tally> };

/** Sent at once; the others wait. */
const MOST = 3;
/** That are on their way to one place, with those that wait. */
export const MOST_UNDERWAY = 500;
/** How often a file waits because the server has been asked too much. */
const MOST_DEFERRALS = 10;
const DEFERRED_MS = 5_000;
const LONGEST_DEFERRAL_MS = 60_000;

const NO_TALLY: Tally = { files: 0, bytes: 0, twins: 0 };
export const isUnderway = ({ phase }: Upload): boolean => phase === 'waiting' || phase === 'sending';

type UploadDependencies = {
  client: Client;
  /** Whether there is room for so many bytes. */
  admit: (size: number) => Promise<Admission>;
  /** The server has one. Returns whether it had it before. */
  onSent: (upload: Upload, file: FileFieldsFragment) => boolean;
};

/** Files on their way to the server. They go on while a person is elsewhere on the page. */
export function createUploads({ client, admit, onSent }: UploadDependencies) {
  const store = createStore<UploadsState>({ items: [], tallies: new Map() });
  const running = new Map<string, AbortController>();
  const deferrals = new Map<string, number>();
  /** Sent whatever is known of the room for it: somebody has asked for that. */
  const insisted = new Set<string>();
  let deferred: ReturnType<typeof setTimeout> | undefined;

  function change(id: string, changes: Partial<Upload>): void {
    store.set({ items: store.get().items.map((item) => (item.id === id ? { ...item, ...changes } : item)) });
  }

  function tally(owner: string, changes: Tally | null): void {
    const tallies = new Map(store.get().tallies);
    if (changes) tallies.set(owner, changes);
    else tallies.delete(owner);
    store.set({ tallies });
  }

  function next(): void {
    if (deferred !== undefined) return;
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
    const admission = await admit(source.size);
    try {
      if (signal.aborted) return;
      if (admission.refusal !== null && !insisted.has(id)) {
        return change(id, { phase: 'failed', error: admission.refusal });
      }
      const onProgress = ({ sent, total }: { sent: number; total: number | null }) =>
        change(id, { progress: total ? sent / total : 0 });
      const file = await client.uploadFile(source, { collectionId, signal, onProgress });
      if (signal.aborted) return;
      change(id, { phase: 'sent', progress: 1, file });
      const isTwin = onSent(item, file);
      const { files, bytes, twins } = store.get().tallies.get(item.owner) ?? NO_TALLY;
      tally(item.owner, { files: files + 1, bytes: bytes + source.size, twins: twins + Number(isTwin) });
    } catch (error) {
      if (signal.aborted) return;
      if (defers(id, error)) change(id, { phase: 'waiting', progress: 0 });
      else change(id, { phase: 'failed', error: messageOf(error) });
    } finally {
      admission.settle();
      running.delete(id);
      insisted.delete(id);
      next();
    }
  }

  /** Whether it is only too much at once: then all that is not being sent waits for as long as the server says. */
  function defers(id: string, error: unknown): boolean {
    const times = deferrals.get(id) ?? 0;
    if (!(error instanceof ColloquyError && error.code === 'RATE_LIMITED') || times >= MOST_DEFERRALS) return false;
    deferrals.set(id, times + 1);
    const wanted = error.retryAfterSeconds === undefined ? DEFERRED_MS : error.retryAfterSeconds * 1_000;
    clearTimeout(deferred);
    deferred = setTimeout(
      () => {
        deferred = undefined;
        next();
      },
      Math.min(wanted, LONGEST_DEFERRAL_MS),
    );
    return true;
  }

  function drop(isDropped: (item: Upload) => boolean): void {
    const { items } = store.get();
    for (const item of items) {
      if (!isDropped(item)) continue;
      running.get(item.id)?.abort();
      deferrals.delete(item.id);
      insisted.delete(item.id);
    }
    store.set({ items: items.filter((item) => !isDropped(item)) });
  }

  return {
    store,

    /** Returns how many were left out, because there are as many as can be underway. */
    add(sources: readonly File[], place: UploadPlace): number {
      const underway = store.get().items.filter((item) => item.owner === place.owner && isUnderway(item)).length;
      if (underway === 0) tally(place.owner, null);
      const taken = sources.slice(0, Math.max(0, MOST_UNDERWAY - underway));
      const added = taken.map(
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
      return sources.length - taken.length;
    },

    retry(id: string): void {
      insisted.add(id);
      change(id, { phase: 'waiting', error: null });
      next();
    },
    retryFailed(owner: string): void {
      for (const { id, owner: place, phase } of store.get().items) {
        if (place !== owner || phase !== 'failed') continue;
        insisted.add(id);
        change(id, { phase: 'waiting', error: null });
      }
      next();
    },

    /** Ends the sending of what is being sent; what the server has it keeps. */
    drop: (id: string) => drop((item) => item.id === id),
    dropUnderway: (owner: string) => drop((item) => item.owner === owner && isUnderway(item)),
    dropFailed: (owner: string) => drop((item) => item.owner === owner && item.phase === 'failed'),
    forgetTally: (owner: string) => tally(owner, null),
    dropSent: (owner: string) => drop((item) => item.owner === owner && item.phase === 'sent'),
    /** What belonged to a new conversation belongs to the one that it has become. */
    move(from: string, to: string): void {
      store.set({ items: store.get().items.map((item) => (item.owner === from ? { ...item, owner: to } : item)) });
    },
    dispose(): void {
      clearTimeout(deferred);
      drop(() => true);
    },
  };
}

export type Uploads = ReturnType<typeof createUploads>;
