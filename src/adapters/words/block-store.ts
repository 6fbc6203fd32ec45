import { LRUCache } from 'lru-cache';
import type { SqlRunner } from '../../ports/sql.ts';
import type { ScopeState } from './scope-states.ts';
import { fromHex, type SegmentState } from './segment-state.ts';

export type BlockAddress = { segment: SegmentState; key: number /** At least so many. */; bytes: number };

/** Bounds on one statement: the embedded database runs it in this process. */
const MOST_BLOCKS = 600;
const MOST_BYTES = 1_000_000;

/** Version and scope, or block and number. */
type Row = { number: number | null; data: string | null; version: string | null };

/** One number for a block: keys have 32 bits. */
const nameOf = ({ segment, key }: BlockAddress) => segment.serial * 2 ** 32 + key + 2 ** 31;

/** Blocks never change, so those that are asked for often are kept, within a bound. */
export function createBlockStore(maxBytes: number) {
  const kept = new LRUCache<number, Uint8Array>({
    maxSize: maxBytes,
    sizeCalculation: (block) => block.length + 200,
  });

  return {
    /**
     * The blocks of the addresses, in their order; one that is empty is not stored, and of no bytes here. `stale` are
     * the scopes that have changed since their state was read, at the moment that the blocks were: where there are
     * any, blocks may be missing.
     */
    async read(
      sql: SqlRunner,
      scopes: ScopeState[],
      addresses: BlockAddress[],
    ): Promise<{ blocks: (Uint8Array | undefined)[]; stale: Set<string> }> {
      const blocks = addresses.map((address) => kept.get(nameOf(address)));
      const missing = addresses.flatMap((address, place) => (blocks[place] ? [] : [{ ...address, place }]));
      for (const batch of batchesOf(missing)) {
        const rows = await query(sql, scopes, batch);
        const versions = new Map(rows.flatMap((row) => (row.number === null ? [[row.data, row.version]] : [])));
        const stale = scopes.filter(({ scopeId, version }) => (versions.get(scopeId) ?? null) !== version);
        if (stale.length > 0) return { blocks, stale: new Set(stale.map(({ scopeId }) => scopeId)) };
        for (const row of rows) {
          const address = row.number === null ? undefined : batch[row.number - 1];
          if (!address) continue;
          const block = fromHex(row.data ?? '');
          blocks[address.place] = block;
          kept.set(nameOf(address), block);
        }
      }
      return { blocks, stale: new Set() };
    },
    clear: () => kept.clear(),
  };
}

/** Always one at least: it tells whether the states still hold. */
function batchesOf<Address extends BlockAddress>(addresses: Address[]): Address[][] {
  const batches: Address[][] = [[]];
  let bytes = 0;
  for (const address of addresses) {
    const last = batches.at(-1) as Address[];
    if (last.length > 0 && (last.length >= MOST_BLOCKS || bytes + address.bytes > MOST_BYTES)) {
      batches.push([address]);
      bytes = address.bytes;
    } else {
      last.push(address);
      bytes += address.bytes;
    }
  }
  return batches;
}

/** Blocks and versions in one statement, and so of one moment. A subquery for each block: never a scan of the table. */
function query(sql: SqlRunner, scopes: ScopeState[], batch: BlockAddress[]): Promise<Row[]> {
  const segmentIds = [...new Set(batch.map(({ segment }) => segment.id))];
  const places = new Map(segmentIds.map((id, place) => [id, place + 1]));
  return sql.query<Row>(
    `SELECT NULL::int AS number, scope_id::text AS data, version::text AS version
     FROM word_scopes WHERE scope_id = ANY($1::uuid[])
     UNION ALL
     SELECT wanted.number::int, (
       SELECT encode(block.data, 'hex') FROM word_blocks AS block
       WHERE block.segment_id = ($2::uuid[])[wanted.place] AND block.key = wanted.key
     ), NULL
     FROM unnest($3::int[], $4::int[]) WITH ORDINALITY AS wanted(place, key, number)`,
    [
      scopes.map(({ scopeId }) => scopeId),
      segmentIds,
      batch.map(({ segment }) => places.get(segment.id)),
      batch.map(({ key }) => key),
    ],
  );
}
