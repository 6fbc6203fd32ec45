import type { SqlRunner } from '../../ports/sql.ts';

/** One instance merges a scope at a time. The lease ends by itself when its holder dies. */
const LEASE_SECONDS = 60;
const RENEW_MS = 10_000;

export class LostLease extends Error {}

export type MergeLease = {
  id: string;
  /** Renews it when that is due, or at once. Throws LostLease when it has become another's. */
  keep(now?: boolean): Promise<void>;
  release(): Promise<void>;
};

/** Undefined: another one merges this scope, or there is nothing of it. */
export async function takeLease(sql: SqlRunner, scopeId: string, id: string): Promise<MergeLease | undefined> {
  const until = `merge_until = now() + make_interval(secs => ${LEASE_SECONDS})`;
  const taken = await sql.query(
    `UPDATE word_scopes SET merge_id = $2::uuid, ${until}
     WHERE scope_id = $1::uuid AND (merge_id IS NULL OR merge_until < now()) RETURNING scope_id`,
    [scopeId, id],
  );
  if (taken.length === 0) return undefined;
  let renewed = performance.now();
  return {
    id,
    async keep(now = false) {
      if (!now && performance.now() - renewed < RENEW_MS) return;
      const kept = await sql.query(
        `UPDATE word_scopes SET ${until} WHERE scope_id = $1::uuid AND merge_id = $2::uuid RETURNING scope_id`,
        [scopeId, id],
      );
      if (kept.length === 0) throw new LostLease();
      renewed = performance.now();
    },
    async release() {
      await sql.query('UPDATE word_scopes SET merge_id = NULL WHERE scope_id = $1::uuid AND merge_id = $2::uuid', [
        scopeId,
        id,
      ]);
    },
  };
}
