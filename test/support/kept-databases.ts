import { type Database, openPostgresDatabase, wrapPglite } from '../../src/adapters/db/open-database.ts';
import type { Sql } from '../../src/ports/sql.ts';
import { createPgliteFromTemplate, createPostgresDatabase } from './database.ts';

export type Engine = Database['engine'];

/** A database that tests of this process use one after another. What is left of them at the end goes with the run. */
type Kept = { database: Database; uses: number; discard(): Promise<void> };

/** What a new one has in it: the tables, the rows, and what its schema is. */
type Beginning = { tables: string[]; rows: { table: string; row: string }[]; schema: string };

/** What is emptied again and again grows. */
const MOST_USES = 60;
const MOST_IDLE = 4;

const idle: Record<Engine, Kept[]> = { pglite: [], postgresql: [] };
const beginnings: Partial<Record<Engine, Beginning>> = {};

/**
 * A migrated, empty database: one that another test had, emptied, where there is one. That takes a tenth of the time of a
 * new one. Whoever asks for it disposes of it.
 */
export async function openTestDatabase(engine: Engine): Promise<Database> {
  const kept = (await takeIdle(engine)) ?? (await make(engine));
  kept.uses += 1;
  let isGivenBack = false;
  const dispose = async () => {
    if (isGivenBack) return;
    isGivenBack = true;
    if (kept.uses < MOST_USES && idle[engine].length < MOST_IDLE) idle[engine].push(kept);
    else await kept.discard();
  };
  return { ...kept.database, dispose };
}

/** Emptied only now: what its last test left running has ended. */
async function takeIdle(engine: Engine): Promise<Kept | null> {
  for (let kept = idle[engine].pop(); kept; kept = idle[engine].pop()) {
    if (await isMadeNew(kept.database)) return kept;
    await kept.discard().catch(() => {});
  }
  return null;
}

async function make(engine: Engine): Promise<Kept> {
  const made = engine === 'pglite' ? await makePglite() : await makePostgres();
  beginnings[engine] ??= await readBeginning(made.database.sql);
  return made;
}

async function makePglite(): Promise<Kept> {
  const database = await wrapPglite(await createPgliteFromTemplate());
  return { database, uses: 0, discard: database.dispose };
}

async function makePostgres(): Promise<Kept> {
  const { url, drop } = await createPostgresDatabase();
  const database = await openPostgresDatabase(url, { poolSize: 10, prepare: true });
  const discard = async () => {
    await database.dispose();
    await drop();
  };
  return { database, uses: 0, discard };
}

async function readBeginning(sql: Sql): Promise<Beginning> {
  // Not those that are partitioned: their rows are in their parts.
  const found = await sql.query<{ table: string }>(
    `SELECT format('%I.%I', nspname, relname) AS table FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
     WHERE nspname IN ('public', 'pgboss') AND relkind = 'r'`,
  );
  const tables = found.map(({ table }) => table);
  const rows: Beginning['rows'] = [];
  for (const table of tables) {
    const written = await sql.query<{ row: string }>(`SELECT to_jsonb(t)::text AS row FROM ${table} t`);
    rows.push(...written.map(({ row }) => ({ table, row })));
  }
  return { tables, rows, schema: await schemaOf(sql) };
}

/** Two that differ in nothing but their rows have the same. */
async function schemaOf(sql: Sql): Promise<string> {
  const [found] = await sql.query<{ schema: string }>(`
    WITH spaces AS (SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)'),
    relations AS (SELECT c.oid, nspname || '.' || relname AS name, relkind FROM pg_class c JOIN spaces s ON s.oid = relnamespace)
    SELECT md5(string_agg(line, ',' ORDER BY line)) AS schema FROM (
      SELECT nspname AS line FROM spaces
      UNION ALL SELECT concat(name, relkind) FROM relations
      UNION ALL SELECT concat(name, attname, atttypid, attnotnull, atthasdef) FROM pg_attribute
        JOIN relations r ON r.oid = attrelid WHERE relkind IN ('r', 'p')
      UNION ALL SELECT concat(name, tgname, tgenabled) FROM pg_trigger JOIN relations r ON r.oid = tgrelid WHERE NOT tgisinternal
      UNION ALL SELECT concat(conname, convalidated) FROM pg_constraint JOIN spaces s ON s.oid = connamespace
      UNION ALL SELECT proname || md5(prosrc) FROM pg_proc JOIN spaces s ON s.oid = pronamespace
    ) lines`);
  return found?.schema ?? '';
}

/** False where that cannot be: it has been closed, or its schema has been changed. */
async function isMadeNew({ engine, sql }: Database): Promise<boolean> {
  const beginning = beginnings[engine];
  if (!beginning) return false;
  try {
    if ((await schemaOf(sql)) !== beginning.schema) return false;
    // In this mode neither triggers nor references look at what is deleted.
    const removals = beginning.tables.map((table) => `DELETE FROM ${table}`);
    const returns = beginning.rows.map(({ table, row }) => {
      const record = `jsonb_populate_record(NULL::${table}, ${literal(row)})`;
      return `INSERT INTO ${table} OVERRIDING SYSTEM VALUE SELECT r.* FROM ${record} r`;
    });
    const mode = 'SET LOCAL session_replication_role = replica';
    await sql.script(['BEGIN', mode, ...removals, ...returns, 'COMMIT'].join(';\n'));
    return true;
  } catch {
    return false;
  }
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
