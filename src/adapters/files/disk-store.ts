import { randomUUID } from 'node:crypto';
import { mkdir, open, opendir, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { FileStore } from '../../ports/file-store.ts';
import { isUuid } from '../../util/ids.ts';
import { receiveToDisk } from './receive-to-disk.ts';

export type DiskStoreOptions = {
  folder: string;
  now?: () => Date;
};

/** Longer than any living upload is silent, and than any transaction takes. */
const ABANDONED_MS = 3_600_000;
const SWEEP_BATCH = 500;

/**
 * Files in one folder, each under its id. What is being received is in `incoming` and gets its name when it is whole,
 * so under a name there is never a part of a file. Several servers may share the folder.
 */
export function createDiskStore({ folder, now = () => new Date() }: DiskStoreOptions): FileStore {
  const root = resolve(folder);
  const incoming = join(root, 'incoming');

  function pathOf(fileId: string): string {
    // Ids come from the database and from addresses; nothing else ever becomes a path.
    if (!isUuid(fileId)) throw new TypeError('A file is named by its UUID.');
    return join(root, fileId.toLowerCase());
  }

  async function isAbandoned(path: string): Promise<boolean> {
    const found = await stat(path).catch(unlessMissing);
    return found?.isFile() === true && now().getTime() - found.mtimeMs > ABANDONED_MS;
  }

  /** Names in a folder, a bounded number at a time: it may hold millions. */
  async function* namesIn(path: string, signal?: AbortSignal): AsyncGenerator<string[]> {
    const entries = await opendir(path).catch(unlessMissing);
    if (!entries) return;
    let names: string[] = [];
    for await (const entry of entries) {
      signal?.throwIfAborted();
      if (!entry.isFile()) continue;
      names.push(entry.name);
      if (names.length < SWEEP_BATCH) continue;
      yield names;
      names = [];
    }
    if (names.length > 0) yield names;
  }

  return {
    async receive(source, { maxBytes, signal }) {
      const id = randomUUID();
      const path = join(incoming, id);
      // It may fail before anybody listens to it; whoever reads it later is told all the same.
      source.on('error', ignore);
      try {
        await mkdir(incoming, { recursive: true, mode: 0o700 });
        return { id, path, ...(await receiveToDisk(source, path, { maxBytes, signal })) };
      } finally {
        source.off('error', ignore);
      }
    },

    async keep(upload, fileId) {
      await rename(upload.path, pathOf(fileId));
      await syncFolder(root);
    },

    discard: ({ path }) => rm(path, { force: true }),

    pathOf,

    async open(fileId, range) {
      const handle = await open(pathOf(fileId), 'r').catch(unlessMissing);
      if (!handle) return null;
      try {
        const { size } = await handle.stat();
        // `end` of a stream is inclusive, so it cannot say "nothing".
        if (range && range.end <= range.start) throw new RangeError('A range has at least one byte.');
        const stream = handle.createReadStream(range ? { start: range.start, end: range.end - 1 } : {});
        return { stream, size };
      } catch (error) {
        await handle.close();
        throw error;
      }
    },

    remove: (fileId) => rm(pathOf(fileId), { force: true }),

    async sweep(exists, signal) {
      let removed = 0;
      const removeAbandoned = async (path: string) => {
        if (!(await isAbandoned(path))) return;
        await rm(path, { force: true });
        removed += 1;
      };
      for await (const names of namesIn(incoming, signal)) {
        for (const name of names) await removeAbandoned(join(incoming, name));
      }
      for await (const names of namesIn(root, signal)) {
        const ids = names.filter(isUuid);
        const known = ids.length > 0 ? await exists(ids) : new Set();
        for (const id of ids) if (!known.has(id)) await removeAbandoned(join(root, id));
      }
      return removed;
    },
  };
}

const ignore = () => {};

/** Without it a power cut could take the new name, though not the bytes. */
async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function unlessMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
