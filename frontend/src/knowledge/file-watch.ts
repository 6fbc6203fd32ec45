import type { Client, FileFieldsFragment } from '@colloquy/sdk';

/** So many are followed at once: the server reads a few at a time, and of the others there is nothing to tell. */
const MOST = 8;

/** Follows files while they are being read, and tells each change. */
export function createFileWatch(client: Client, onChange: (file: FileFieldsFragment) => void) {
  const followed = new Map<string, AbortController>();

  async function follow(id: string): Promise<void> {
    const controller = new AbortController();
    followed.set(id, controller);
    try {
      for await (const file of client.fileProgress(id, { signal: controller.signal })) onChange(file);
    } catch {
      // Deleted in the meantime, or nobody is signed in any more: there is nothing to follow.
    } finally {
      followed.delete(id);
    }
  }

  return {
    /** All that are being read: those that are not followed yet are, the others are left. */
    follow(files: readonly FileFieldsFragment[]): void {
      const wanted = new Set(files.map(({ id }) => id));
      for (const [id, controller] of followed) if (!wanted.has(id)) controller.abort();
      const next = files
        .filter(({ id }) => !followed.has(id))
        .sort(
          (one, other) =>
            Number(other.status === 'PROCESSING') - Number(one.status === 'PROCESSING') ||
            one.createdAt.localeCompare(other.createdAt),
        );
      for (const { id } of next.slice(0, Math.max(0, MOST - followed.size))) void follow(id);
    },

    dispose(): void {
      for (const controller of followed.values()) controller.abort();
    },
  };
}
