import { type Client, ColloquyError, type ImportSummary, type UploadProgress } from '@colloquy/sdk';
import { messageOf } from '../api/api-error.ts';
import type { Workspace } from '../app/workspace.ts';
import type { Session } from '../session/session.ts';
import { saveBlob } from '../uploads/save-file.ts';
import { createStore } from '../util/store.ts';
import { createUuid } from '../util/uuid.ts';

export type Export = { phase: 'idle' | 'running' | 'done'; bytes: number; error: string | null };

export type Import = {
  id: string;
  name: string;
  /** `sending`: its bytes are on their way. `reading`: the server has them all. */
  phase: 'waiting' | 'sending' | 'reading' | 'done' | 'failed';
  /** Of its bytes, those that have been sent. */
  sent: number;
  size: number;
  summary: ImportSummary | null;
  error: string | null;
};

export type TransfersState = { export: Export; imports: readonly Import[] };

export type Transfers = ReturnType<typeof createTransfers>;

type TransferDependencies = { client: Client; onImported: () => void };

/** Results that are kept in sight. */
const MOST = 20;

const IDLE: Export = { phase: 'idle', bytes: 0, error: null };

/** A person's conversations on their way out and in. They go on while the person is elsewhere on the page. */
function createTransfers({ client, onImported }: TransferDependencies) {
  const store = createStore<TransfersState>({ export: IDLE, imports: [] });
  const sources = new Map<string, File>();
  let leaving: AbortController | null = null;
  let running: { id: string; controller: AbortController } | null = null;

  const change = (id: string, changes: Partial<Import>) =>
    store.set({ imports: store.get().imports.map((item) => (item.id === id ? { ...item, ...changes } : item)) });

  async function exportAll(): Promise<void> {
    if (leaving) return;
    const controller = new AbortController();
    leaving = controller;
    store.set({ export: { ...IDLE, phase: 'running' } });
    try {
      const blob = await readAll(await client.exportConversations({ signal: controller.signal }), (bytes) =>
        store.set({ export: { ...IDLE, phase: 'running', bytes } }),
      );
      controller.signal.throwIfAborted();
      saveBlob(blob, `colloquy-${new Date().toISOString().slice(0, 10)}.json`);
      store.set({ export: { phase: 'done', bytes: blob.size, error: null } });
    } catch (error) {
      store.set({ export: { ...IDLE, error: controller.signal.aborted ? null : messageOf(error) } });
    } finally {
      leaving = null;
    }
  }

  /** One at a time: the server takes no more of a person. */
  async function next(): Promise<void> {
    const item = store.get().imports.find(({ phase }) => phase === 'waiting');
    const source = item && sources.get(item.id);
    if (running || !source) return;
    const controller = new AbortController();
    running = { id: item.id, controller };
    change(item.id, { phase: 'sending' });
    const onProgress = ({ sent }: UploadProgress) =>
      change(item.id, { sent, phase: sent < source.size ? 'sending' : 'reading' });
    try {
      const summary = await client.importConversations(source, { signal: controller.signal, onProgress });
      change(item.id, { phase: 'done', summary });
    } catch (error) {
      if (!controller.signal.aborted) change(item.id, { phase: 'failed', error: messageOf(error) });
    } finally {
      running = null;
      sources.delete(item.id);
      // Also of one that was broken off, for what it has brought stays.
      onImported();
      void next();
    }
  }

  function drop(id: string): void {
    if (running?.id === id) running.controller.abort();
    sources.delete(id);
    store.set({ imports: store.get().imports.filter((item) => item.id !== id) });
  }

  return {
    store,
    exportAll,
    cancelExport: () => leaving?.abort(),

    add(files: readonly File[]): void {
      const added = files.map((file): Import => {
        const id = createUuid();
        sources.set(id, file);
        return { id, name: file.name, phase: 'waiting', sent: 0, size: file.size, summary: null, error: null };
      });
      const isOver = ({ phase }: Import) => phase === 'done' || phase === 'failed';
      const before = store.get().imports;
      const over = before.filter(isOver).slice(-MOST);
      store.set({ imports: [...before.filter((item) => !isOver(item) || over.includes(item)), ...added] });
      void next();
    },

    drop,

    dispose(): void {
      leaving?.abort();
      for (const { id } of store.get().imports) drop(id);
    },
  };
}

/** A cut connection ends a stream too, so an export has to show its end. */
async function readAll(response: Response, onBytes: (bytes: number) => void): Promise<Blob> {
  const parts: BlobPart[] = [];
  let bytes = 0;
  try {
    for (const reader = response.body?.getReader(); reader; ) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      bytes += value.byteLength;
      onBytes(bytes);
    }
    const blob = new Blob(parts, { type: 'application/json' });
    if ((await blob.slice(-8).text()).trimEnd().endsWith(']}')) return blob;
  } catch (cause) {
    throw brokenOff(cause);
  }
  throw brokenOff(undefined);
}

const brokenOff = (cause: unknown) =>
  new ColloquyError({ code: 'UNREACHABLE', message: 'The export was broken off.', cause });

const known = new WeakMap<Workspace, Transfers>();

/** Those of one signed-in person. They end with the sign-in. */
export function transfersOf(workspace: Workspace, session: Session): Transfers {
  const found = known.get(workspace);
  if (found) return found;
  const transfers = createTransfers({ client: workspace.client, onImported: () => void workspace.lists.refresh() });
  known.set(workspace, transfers);
  const leave = session.store.subscribe(() => {
    if (session.store.get().user) return;
    leave();
    transfers.dispose();
  });
  return transfers;
}
