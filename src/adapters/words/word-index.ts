import type { Sql } from '../../ports/sql.ts';
import type { WordIndex } from '../../ports/word-index.ts';
import { appendPart } from './append.ts';
import { createBlockStore } from './block-store.ts';
import { createLiveness } from './liveness.ts';
import { createMerge } from './merge.ts';
import { createScopeStates } from './scope-states.ts';
import { createSearch } from './search.ts';

export type WordIndexOptions = {
  sql: Sql;
  createId: () => string;
  /** For a database that does not do it by itself: what merges leave behind is freed for what is written next. */
  vacuum?: boolean;
  /** What is kept of blocks that were read. Default 64 MB. */
  blockBytes?: number;
  /** What is kept of the lengths and parts of scopes: about 15 bytes a chunk. Default 48 MB. */
  scopeBytes?: number;
};

/** BM25 over words, character grams and pairs of words, in a segmented inverted index in the database. */
export function createWordIndex(options: WordIndexOptions): WordIndex {
  const { sql, createId } = options;
  const states = createScopeStates(options.scopeBytes ?? 48_000_000);
  const blocks = createBlockStore(options.blockBytes ?? 64_000_000);
  const liveness = createLiveness(createId);
  return {
    append: (runner, part) => appendPart(runner, createId, part),
    ...liveness,
    search: createSearch({ sql, states, blocks }),
    merge: createMerge(sql, createId, options.vacuum ?? false),
    async dispose() {
      states.clear();
      blocks.clear();
    },
  };
}
