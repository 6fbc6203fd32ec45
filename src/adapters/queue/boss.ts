import { createHash } from 'node:crypto';
import { type ConstructorOptions, PgBoss, type Queue } from 'pg-boss';
import type { JobName } from '../../ports/job-queue.ts';
import type { Sql, SqlRunner } from '../../ports/sql.ts';

/** A worker that is silent for so long has died: another one takes its jobs. */
export const HEARTBEAT_SECONDS = 15;
const DAY_SECONDS = 86_400;
const KEPT_SECONDS = 7 * DAY_SECONDS;
/** So many instances may find an empty database at the same moment. */
const START_ATTEMPTS = 5;

type QueueOptions = Omit<Queue, 'name'>;

const COMMON: QueueOptions = {
  // Of one key at most one job is active and one waits.
  policy: 'stately',
  heartbeatSeconds: HEARTBEAT_SECONDS,
  // The heartbeat tells the dead from the slow. This is only for handlers that never return.
  expireInSeconds: DAY_SECONDS,
  retentionSeconds: 30 * DAY_SECONDS,
  deleteAfterSeconds: KEPT_SECONDS,
  retryBackoff: true,
};
const BRIEF: QueueOptions = { ...COMMON, retryLimit: 2, retryDelay: 5, retryDelayMax: 60 };
/** Until it works, or until what keeps a job forgets it. */
const PERSISTENT: QueueOptions = {
  ...COMMON,
  retryLimit: 10_000,
  retryDelay: 5,
  retryDelayMax: 600,
  deleteAfterSeconds: 3_600,
};

export const QUEUES: Record<JobName, QueueOptions> = {
  'ingest-file': BRIEF,
  'purge-file': PERSISTENT,
  'purge-scope': PERSISTENT,
  'merge-words': { ...BRIEF, deleteAfterSeconds: 3_600 },
};
export const JOB_NAMES = Object.keys(QUEUES) as JobName[];

export type OpenBoss = { boss: PgBoss /** Its schema, as it stands in SQL. */; schema: string };

/** pg-boss over our own connections, with its tables and our queues in place. Whoever asks for it stops it. */
export async function openBoss(sql: Sql, warn: (message: string) => void): Promise<OpenBoss> {
  const schema = await bossSchema(sql);
  const options: ConstructorOptions = {
    db: asBossDatabase(sql),
    schema,
    // What others have (schedules, flows, traces, a registry of instances) is not used here, and is not paid for.
    schedule: false,
    registerInstance: false,
    openTelemetry: { enabled: false },
    persistWarnings: false,
    monitorVacuum: false,
    reindex: false,
    flowIntervalSeconds: 3_600,
    bamIntervalSeconds: 60,
    // Deletes jobs that are not kept any longer.
    maintenanceIntervalSeconds: 3_600,
  };
  const open = async () => {
    const boss = new PgBoss(options);
    boss.on('error', (error) => warn(`Job queue: ${error.message}`));
    await boss.start({ attempts: START_ATTEMPTS });
    return boss;
  };
  const boss = await open();
  try {
    if (!(await provideQueues(boss))) return { boss, schema };
  } catch (error) {
    await stopBoss(boss);
    throw error;
  }
  // A new one knows all queues from the start: looking one up within a transaction would wait for that transaction.
  await stopBoss(boss);
  return { boss: await open(), schema };
}

export async function stopBoss(boss: PgBoss): Promise<void> {
  await boss.stop({ graceful: false, close: false });
}

/** Makes what pg-boss needs in a database, so that a server that opens it finds all in place. */
export async function installBoss(sql: Sql): Promise<void> {
  const { boss } = await openBoss(sql, () => {});
  await stopBoss(boss);
}

/** Two installations may share a database, each in a schema of its own. */
async function bossSchema(sql: Sql): Promise<string> {
  const [row] = await sql.query<{ name: string | null }>('SELECT current_schema()::text AS name');
  const name = row?.name ?? 'public';
  if (name === 'public') return 'pgboss';
  // pg-boss takes no other names: it writes them into the text of its statements.
  if (/^[\w -]{1,40}$/.test(name)) return `"${name}_pgboss"`;
  return `pgboss_${createHash('sha256').update(name).digest('hex').slice(0, 16)}`;
}

function asBossDatabase(sql: Sql): { executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }> } {
  return {
    // Without parameters it may be several statements.
    executeSql: async (text, values) => ({
      rows: values?.length ? await sql.query(text, values) : await sql.script(text),
    }),
  };
}

/** For what is enqueued within a transaction. */
export function transactionDatabase(runner: SqlRunner) {
  return { executeSql: async (text: string, values?: unknown[]) => ({ rows: await runner.query(text, values) }) };
}

/** Returns whether anything had to be changed. */
async function provideQueues(boss: PgBoss): Promise<boolean> {
  const existing = new Map((await boss.getQueues(JOB_NAMES)).map((queue) => [queue.name, queue]));
  let changed = false;
  for (const name of JOB_NAMES) {
    const wanted = QUEUES[name];
    const found = existing.get(name);
    if (!found) await boss.createQueue(name, wanted);
    else {
      const differs = Object.entries(wanted).some(([option, value]) => found[option as keyof Queue] !== value);
      if (!differs) continue;
      const { policy: _fixed, ...options } = wanted;
      await boss.updateQueue(name, options as Parameters<PgBoss['updateQueue']>[1]);
    }
    changed = true;
  }
  return changed;
}
