import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ForeignPull } from '../../../ports/model-store.ts';
import { partsOf } from '../llama/model-files.ts';
import { fetchedOf } from './download.ts';

const LOCK = /^\.(.+)\.lock$/;
const MOST = 20;
/** Whoever has written nothing for so long was killed, and has left its lock. */
const SILENT_MS = 120_000;

export const lockPath = (folder: string, name: string) => join(folder, `.${name}.lock`);

/** What other processes are getting into a folder: each has a lock there, and a part that grows. */
export async function foreignPulls(folder: string, isOurs: (name: string) => boolean): Promise<ForeignPull[]> {
  const entries = await readdir(folder).catch(() => []);
  const names = entries.flatMap((entry) => LOCK.exec(entry)?.[1] ?? []).filter((name) => !isOurs(name));
  const found = await Promise.all(names.slice(0, MOST).map((name) => progressOf(folder, name)));
  return found.filter((pull) => pull !== null);
}

async function progressOf(folder: string, name: string): Promise<ForeignPull | null> {
  const files = await Promise.all(partsOf(join(folder, name)).map(fetchedOf));
  const isGrowing = files.some((file) => file && !file.isWhole && Date.now() - file.writtenAt < SILENT_MS);
  if (!isGrowing) return null;
  let completedBytes = 0;
  let totalBytes: number | null = 0;
  for (const file of files) {
    completedBytes += file?.completedBytes ?? 0;
    totalBytes = totalBytes === null || !file || file.totalBytes === null ? null : totalBytes + file.totalBytes;
  }
  return { name, completedBytes, totalBytes };
}
