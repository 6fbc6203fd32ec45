import type { Sql } from '../../ports/sql.ts';

export type Totals = { conversations: number; messages: number; files: number; chunks: number };

export type TotalsDependencies = {
  sql: Sql;
  /** The database does not clean up after itself. */
  vacuum: boolean;
};

type Row = Totals & { rows: number; activeTurns: number; instances: number };

/** So many rows are added up in a fraction of a millisecond. */
const MOST_ROWS = 500;

/** Whole numbers that the graph can hold. */
const sum = (column: string) => `least(coalesce(sum(${column}), 0), 2147483647)::int AS ${column}`;

const READ = `
SELECT ${['conversations', 'messages', 'files', 'chunks'].map(sum).join(', ')}, count(*)::int AS rows,
  (SELECT count(*)::int FROM turns WHERE status = 'GENERATING') AS "activeTurns",
  (SELECT count(*)::int FROM instances) AS instances
FROM totals`;

/** One row for those that are there. Whoever reads meanwhile sees the one or the others; two at a time take different ones. */
const FOLD = `
WITH taken AS (
  DELETE FROM totals WHERE id IN (SELECT id FROM totals FOR UPDATE SKIP LOCKED)
  RETURNING conversations, messages, files, chunks
)
INSERT INTO totals (conversations, messages, files, chunks)
SELECT sum(conversations), sum(messages), sum(files), sum(chunks) FROM taken HAVING count(*) > 0`;

/** How much there is, to the row, without counting it: triggers write down every change in its transaction. */
export function createTotals({ sql, vacuum }: TotalsDependencies) {
  let folding: Promise<void> | undefined;

  async function addUp(): Promise<void> {
    await sql.query(FOLD);
    if (vacuum) await sql.query('VACUUM (TRUNCATE OFF) totals');
  }

  /** Makes one row of all of them. Nobody has to wait for it. */
  function fold(): Promise<void> {
    folding ??= addUp().finally(() => {
      folding = undefined;
    });
    return folding;
  }

  async function read(): Promise<Row> {
    const [row] = await sql.query<Row>(READ);
    if (!row) throw new Error('A sum without a row.');
    if (row.rows > MOST_ROWS) await fold();
    return row;
  }

  return { read, fold };
}
