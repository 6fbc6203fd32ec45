import type { Client } from '@colloquy/sdk';
import { shownName } from '../util/shown-name.ts';

/** A browser begins to read a download when it likes. */
const KEPT_MS = 60_000;

/** Saves the bytes of a file. They are behind the sign-in, so a link alone would not get them. */
export async function saveFile(client: Client, file: { name: string; downloadUrl: string }): Promise<void> {
  const response = await client.downloadFile(file);
  const address = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = address;
  link.download = shownName(file.name);
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}
