import type { Readable } from 'node:stream';
import { AppError } from '../../errors.ts';
import type { FileStore, StoredUpload } from '../../ports/file-store.ts';
import type { OpenImportFile } from '../../ports/import-file.ts';
import { createPlaces } from '../../util/places.ts';
import { exportConversations } from './export-conversations.ts';
import { type ImportDependencies, type ImportResult, importConversations } from './import-conversations.ts';

export type TransferDependencies = ImportDependencies & {
  store: Pick<FileStore, 'receive' | 'discard'>;
  openImportFile: OpenImportFile;
  maxImportBytes: number;
};

export type Transfer = ReturnType<typeof createTransfer>;

/** Of one user, on one instance. */
const EXPORTS_AT_ONCE = 2;
const RETRY_SECONDS = 5;
/** Of all users: one that is read may hold a conversation of tens of megabytes. The others wait for their turn. */
const IMPORTS_AT_ONCE = 2;

/** A user's conversations: out of the server, and into it. */
export function createTransfer(deps: TransferDependencies) {
  const { store } = deps;
  const importing = createSlots(1, 'An import of yours is running. Wait until it is done.');
  const places = createPlaces('imports', IMPORTS_AT_ONCE);
  const exporting = createSlots(EXPORTS_AT_ONCE, `At most ${EXPORTS_AT_ONCE} exports can run at a time.`);

  /** The bytes are gone afterwards, whatever happens. Throws RATE_LIMITED while another import of the user's runs. */
  async function importFile(userId: string, stored: StoredUpload, signal?: AbortSignal): Promise<ImportResult> {
    try {
      const leave = importing.enter(userId);
      try {
        const give = await places.take(signal);
        try {
          return await importConversations(deps, userId, deps.openImportFile(stored.path, deps.maxImportBytes), signal);
        } finally {
          give();
        }
      } finally {
        leave();
      }
    } finally {
      await store.discard(stored);
    }
  }

  /** `send` gets the pieces of a JSON document. Throws RATE_LIMITED before it is called. */
  async function exportAll(userId: string, send: (pieces: AsyncIterable<string>) => Promise<void>): Promise<void> {
    const leave = exporting.enter(userId);
    try {
      await send(exportConversations(deps.prisma, userId, deps.now()));
    } finally {
      leave();
    }
  }

  return {
    maxImportBytes: deps.maxImportBytes,
    receive: (source: Readable, signal?: AbortSignal) =>
      store.receive(source, { maxBytes: deps.maxImportBytes, signal }),
    importFile,
    exportAll,
  };
}

function createSlots(most: number, message: string) {
  const taken = new Map<string, number>();
  return {
    /** Returns what gives the place back. */
    enter(userId: string): () => void {
      const count = taken.get(userId) ?? 0;
      if (count >= most) {
        throw new AppError({ code: 'RATE_LIMITED', message, retryAfterSeconds: RETRY_SECONDS, retryable: true });
      }
      taken.set(userId, count + 1);
      return () => {
        const left = (taken.get(userId) ?? 1) - 1;
        if (left > 0) taken.set(userId, left);
        else taken.delete(userId);
      };
    },
  };
}
