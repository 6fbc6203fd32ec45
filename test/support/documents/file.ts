import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** Where a document of test/fixtures/documents is. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/documents/${name}`, import.meta.url));
}

/** A file with these bytes, as long as the test runs. Its name says nothing, as in the store. */
export async function fileOf(bytes: string | Uint8Array): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'document-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'file');
  await writeFile(path, bytes);
  return path;
}
