import type { Journal, JournalPart } from '../../src/ports/journal.ts';

type Followed = { key: number; listener: (part: JournalPart) => void; by: string };

/** The journals of instances of one process, for tests of what reads and writes them. */
export function createMemoryJournals() {
  const parts = new Map<string, JournalPart[]>();
  const sealed = new Map<string, JournalPart[]>();
  const followers = new Map<string, Set<Followed>>();

  function open(instanceId: string, stillMine: () => Promise<boolean> = async () => true): Journal {
    return {
      async append(added) {
        // Clones: what was written does not change any more.
        const list = parts.get(instanceId);
        if (!list && !(await stillMine())) return 'not-mine';
        parts.set(instanceId, [...(list ?? []), ...structuredClone(added)]);
        for (const part of structuredClone(added)) {
          for (const { key, listener } of [...(followers.get(instanceId) ?? [])]) if (key === part.key) listener(part);
        }
        return 'written';
      },
      holdsLease: () => true,
      readerCount: () => new Set([...(followers.get(instanceId) ?? [])].map(({ by }) => by)).size,
      follow(owner, key, listener) {
        const follower = { key, listener, by: instanceId };
        followers.set(owner, (followers.get(owner) ?? new Set()).add(follower));
        const recent = (parts.get(owner) ?? []).filter((part) => part.key === key);
        queueMicrotask(() => {
          for (const part of recent) if (followers.get(owner)?.has(follower)) listener(part);
        });
        return () => void followers.get(owner)?.delete(follower);
      },
      async seal(owner) {
        const taken = parts.get(owner);
        if (taken) sealed.set(owner, taken);
        parts.delete(owner);
        return sealed.get(owner) ?? [];
      },
      async remove(owner) {
        sealed.delete(owner);
      },
      async dispose() {
        parts.delete(instanceId);
      },
    };
  }

  return { open };
}
