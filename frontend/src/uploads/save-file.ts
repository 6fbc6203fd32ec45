import type { Client } from '@colloquy/sdk';
import { shownName } from '../util/shown-name.ts';

/** A browser begins to read a download when it likes. */
const KEPT_MS = 60_000;

/** Saves the bytes of a file. They are behind the sign-in, so a link alone would not get them. */
export async function saveFile(client: Client, file: { name: string; downloadUrl: string }): Promise<void> {
  const response = await client.downloadFile(file);
  saveBlob(await response.blob(), file.name);
}

/** Hands bytes to the browser, which puts them where its downloads go. */
export function saveBlob(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = shownName(name);
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}
