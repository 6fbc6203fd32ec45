import { LRUCache } from 'lru-cache';
import type { SqlRunner } from '../../ports/sql.ts';
import { readSegments, type SegmentState } from './segment-state.ts';

export type ScopeState = {
  scopeId: string;
  /** Null: there is nothing of the scope. */
  version: string | null;
  segments: SegmentState[];
};

type LabelRow = {
  scope_id: string;
  scope_version: string;
  id: string | null;
  doc_count: number;
  buckets: number;
  version: number;
};

/** What this process keeps of scopes, within a bound. Whether it still holds, the reading of blocks finds out. */
export function createScopeStates(maxBytes: number) {
  const kept = new LRUCache<string, ScopeState>({
    maxSize: maxBytes,
    sizeCalculation: (state) => 200 + state.segments.reduce((sum, { bytes }) => sum + bytes, 0),
  });
  const coming = new Map<string, Promise<Map<string, ScopeState>>>();

  async function read(sql: SqlRunner, scopeIds: string[]): Promise<Map<string, ScopeState>> {
    const rows = await sql.query<LabelRow>(
      `SELECT scope.scope_id, scope.version AS scope_version, segment.id, segment.doc_count, segment.buckets,
         segment.version
       FROM word_scopes AS scope
       LEFT JOIN word_segments AS segment ON segment.scope_id = scope.scope_id AND segment.merge_id IS NULL
       WHERE scope.scope_id = ANY($1::uuid[]) ORDER BY segment.id`,
      [scopeIds],
    );
    const before = new Map(
      scopeIds.flatMap((scopeId) => (kept.peek(scopeId)?.segments ?? []).map((segment) => [segment.id, segment])),
    );
    const labels = rows.flatMap(({ id, doc_count, buckets, version }) =>
      id === null ? [] : [{ id, documents: doc_count, buckets, version }],
    );
    const segments = await readSegments(sql, labels, (id) => before.get(id));
    const states = new Map<string, ScopeState>(
      scopeIds.map((scopeId) => [scopeId, { scopeId, version: null, segments: [] }]),
    );
    for (const row of rows) {
      const state = states.get(row.scope_id);
      if (!state) continue;
      state.version = row.scope_version;
      const segment = row.id === null ? undefined : segments.get(row.id);
      if (segment) state.segments.push(segment);
    }
    for (const [scopeId, state] of states) kept.set(scopeId, state);
    return states;
  }

  /** Many ask at once after a change: it is read once for all of them. */
  async function readTogether(sql: SqlRunner, scopeIds: string[]): Promise<Map<string, ScopeState>> {
    const missing = scopeIds.filter((scopeId) => !coming.has(scopeId));
    if (missing.length > 0) {
      const reading = read(sql, missing).finally(() => {
        for (const scopeId of missing) coming.delete(scopeId);
      });
      for (const scopeId of missing) coming.set(scopeId, reading);
    }
    const waited = await Promise.all(new Set(scopeIds.map((scopeId) => coming.get(scopeId))));
    return new Map(waited.flatMap((states) => [...(states ?? [])]));
  }

  return {
    /** In the order of the ids. Those of `stale` are read anew. */
    async get(sql: SqlRunner, scopeIds: string[], stale: ReadonlySet<string>): Promise<ScopeState[]> {
      const wanted = scopeIds.filter((scopeId) => stale.has(scopeId) || !kept.get(scopeId));
      const read = wanted.length > 0 ? await readTogether(sql, wanted) : undefined;
      return scopeIds.map(
        (scopeId) => read?.get(scopeId) ?? kept.get(scopeId) ?? { scopeId, version: null, segments: [] },
      );
    },
    /** Past what is kept and without keeping it, in a transaction that sees one moment. */
    async getFresh(sql: SqlRunner, scopeIds: string[]): Promise<ScopeState[]> {
      const states = await read(sql, scopeIds);
      return scopeIds.map((scopeId) => states.get(scopeId) ?? { scopeId, version: null, segments: [] });
    },
    clear: () => kept.clear(),
  };
}
