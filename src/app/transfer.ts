import { join, resolve } from 'node:path';
import { createDiskStore } from '../adapters/files/disk-store.ts';
import { openImportFile } from '../adapters/imports/import-file.ts';
import type { Config } from '../config.ts';
import type { PrismaClient } from '../generated/prisma/client.ts';
import type { Bus } from '../ports/bus.ts';
import { titleFrom } from '../services/chat/title.ts';
import { createTransfer } from '../services/transfer/transfer.ts';
import { createId } from '../util/ids.ts';

export type AppTransferOptions = {
  config: Config;
  dataDirectory: string;
  prisma: PrismaClient;
  bus: Bus;
  now: () => Date;
};

const MEGABYTE = 1_048_576;

/** Export and import. What is imported lies among the uploads while it is read. */
export function createAppTransfer({ config, dataDirectory, prisma, bus, now }: AppTransferOptions) {
  return createTransfer({
    prisma,
    now,
    createId,
    titleFrom,
    changed: (userId, conversationId) => bus.publish('conversation-changed', userId, { conversationId }),
    store: createDiskStore({ folder: resolve(config.FILES_DIR ?? join(dataDirectory, 'files')) }),
    openImportFile,
    maxImportBytes: config.MAX_IMPORT_MB * MEGABYTE,
  });
}
