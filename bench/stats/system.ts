// What stats.system costs at a million messages, beside counting them, and what a turn pays for it. `--help` says what
// can be chosen.
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { type Database, openPostgresDatabase, wrapPglite } from '../../src/adapters/db/open-database.ts';
import { createTotals } from '../../src/services/stats/totals.ts';
import { startPostgres } from '../../test/support/services/postgres.ts';
import { databaseUrl, onServer } from '../../test/support/template.ts';
import { type Closer, runAndClose } from '../support/closer.ts';
import { describeMachine } from '../support/cores.ts';
import { median, quantile, sorted } from '../support/statistics.ts';
import { formatTable, number } from '../support/table.ts';
import { seedSystem } from './system-seed.ts';

const USAGE = `node bench/stats/system.ts [options]
  --engine postgresql|pglite   the database (postgresql, which is started for it)
  --messages 1000000           in all, ten to a conversation
  --reads 200                  of which medians are printed
  --turns 1000                 changes of a conversation, with the triggers and without`;

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'postgresql' },
    messages: { type: 'string', default: '1000000' },
    reads: { type: 'string', default: '200' },
    turns: { type: 'string', default: '1000' },
    help: { type: 'boolean', default: false },
  },
});
const bounded = (text: string, most: number) => Math.min(most, Math.max(10, Math.floor(Number(text) || 10)));
const ROUNDS = 5;
const STATEMENT_MS = 600_000;

async function main(closer: Closer): Promise<void> {
  if (values.help) return console.log(USAGE);
  const engine = values.engine === 'pglite' ? 'pglite' : 'postgresql';
  const messages = bounded(values.messages, 10_000_000);
  console.log(`${describeMachine(null)}\nDatabase: ${engine}. ${new Date().toISOString().slice(0, 10)}.`);
  const { database } = await closer.started(openDatabase(closer, engine));
  await seedSystem(database.sql, messages);
  await measureReads(database, bounded(values.reads, 10_000));
  await measureTurns(database, bounded(values.turns, 100_000));
}

async function openDatabase(closer: Closer, engine: Database['engine']) {
  const database = engine === 'pglite' ? await wrapPglite(await PGlite.create()) : await openServerDatabase(closer);
  return { database, stop: database.dispose };
}

async function openServerDatabase(closer: Closer): Promise<Database> {
  const server = await closer.started(startPostgres());
  const name = `bench_${randomBytes(6).toString('hex')}`;
  await onServer(server.url, (client) => client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`));
  return openPostgresDatabase(databaseUrl(server.url, name), {
    poolSize: 10,
    prepare: true,
    statementMs: STATEMENT_MS,
  });
}

async function measureReads({ sql, prisma, engine }: Database, reads: number): Promise<void> {
  const totals = createTotals({ sql, vacuum: engine === 'pglite' });
  const rows: string[][] = [];
  const measure = async (name: string, times: number, work: () => Promise<unknown>) => {
    rows.push([name, ...(await timed(times, work))]);
  };
  await measure('stats.system (ms)', reads, () => Promise.all([totals.read(), prisma.user.count()]));
  await sql.query('INSERT INTO totals (messages) SELECT 0 FROM generate_series(1, 450)');
  await measure('  before its rows are added up', reads, () => Promise.all([totals.read(), prisma.user.count()]));
  await measure('  adding up 450 rows', 1, totals.fold);
  await measure('sum(message_count) of conversations', 10, () =>
    sql.query('SELECT sum(message_count)::int FROM conversations'),
  );
  await measure('count(*) of messages', 3, () => sql.query('SELECT count(*)::int FROM messages'));
  console.log(`\n${formatTable([['', 'median', 'p99'], ...rows])}`);
}

/** The statement of a turn that the triggers see, in turn with them and without. */
async function measureTurns({ sql }: Database, turns: number): Promise<void> {
  const [first] = await sql.query<{ id: string }>('SELECT id FROM conversations LIMIT 1');
  const turn = () => sql.query('UPDATE conversations SET message_count = message_count + 2 WHERE id = $1', [first?.id]);
  const figures: Record<'ENABLE' | 'DISABLE', number[]> = { ENABLE: [], DISABLE: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const state of ['ENABLE', 'DISABLE'] as const) {
      await sql.query(`ALTER TABLE conversations ${state} TRIGGER USER`);
      figures[state].push(median(await times(Math.ceil(turns / ROUNDS), turn)));
    }
  }
  const cells = (state: 'ENABLE' | 'DISABLE') => number(median(figures[state]), 3);
  console.log(
    `\n${formatTable([
      ['message_count of a conversation', 'median (ms)'],
      ['with the triggers', cells('ENABLE')],
      ['without', cells('DISABLE')],
    ])}`,
  );
}

async function timed(count: number, work: () => Promise<unknown>): Promise<string[]> {
  const found = sorted(await times(count, work));
  return [number(quantile(found, 0.5), 2), number(quantile(found, 0.99), 2)];
}

async function times(count: number, work: () => Promise<unknown>): Promise<number[]> {
  const found: number[] = [];
  for (let done = 0; done < count; done += 1) {
    const began = performance.now();
    await work();
    found.push(performance.now() - began);
  }
  return found;
}

await runAndClose(main);
