import { resolve } from 'node:path';
import { readMigrationState, type SqlConnection } from '../../adapters/db/migrate.ts';
import { onEmbedded, onPostgres } from '../../adapters/db/open-database.ts';
import { openRedisConnections } from '../../adapters/redis/connections.ts';
import { createChromaIndex } from '../../adapters/vectors/chroma-index.ts';
import type { Config } from '../../config.ts';
import { hasEmbedded } from '../migrate-session.ts';
import { type Finding, fail, ok, reasonOf, warn } from './finding.ts';

/** Sign-ins and limits of several servers are by the clock. */
const MOST_SKEW_MS = 5_000;
const REDIS_MS = 3_000;
const LEAST_POSTGRES = 14;
const LEAST_REDIS = [6, 2] as const;

export async function lookAtDatabase(config: Config): Promise<Finding[]> {
  const part = 'database';
  const { DATABASE_URL } = config;
  try {
    if (DATABASE_URL) return await onPostgres(DATABASE_URL, lookThrough);
    const directory = resolve(config.DATA_DIR);
    if (!hasEmbedded(directory)) return [ok(part, 'embedded; made at the first start')];
    return await onEmbedded(directory, lookThrough);
  } catch (error) {
    const reason = reasonOf(error);
    if (reason.includes('is in use by')) {
      return [
        ok(part, `embedded; a process has it, and has migrated it: ${/process \d+/.exec(reason)?.[0] ?? 'a server'}`),
      ];
    }
    const advice = DATABASE_URL
      ? 'Start PostgreSQL, or mend DATABASE_URL: its address, its user, its password.'
      : 'Restore DATA_DIR/database from a backup, or choose another DATA_DIR.';
    return [fail(part, reason, advice)];
  }
}

async function lookThrough(connection: SqlConnection): Promise<Finding[]> {
  const before = Date.now();
  const [row] = await connection.query<{ version: string; at: string }>(
    `SELECT current_setting('server_version') AS version, (extract(epoch FROM clock_timestamp()) * 1000)::text AS at`,
  );
  const skew = Math.round(Number(row?.at) - (before + Date.now()) / 2);
  const { pending } = await readMigrationState(connection);
  const major = Number.parseInt(row?.version ?? '', 10);
  return [
    major >= LEAST_POSTGRES
      ? ok('database', `PostgreSQL ${row?.version} answers.`)
      : fail('database', `PostgreSQL ${row?.version} is too old.`, `Use PostgreSQL ${LEAST_POSTGRES} or newer.`),
    pending.length === 0
      ? ok('migrations', 'none is pending')
      : warn(
          'migrations',
          `${pending.length} pending: ${pending.join(', ')}`,
          'The next start applies them, or `colloquy migrate`.',
        ),
    Math.abs(skew) <= MOST_SKEW_MS
      ? ok('clock', `${Math.abs(skew)} ms from the database's`)
      : warn(
          'clock',
          `The clock here is ${Math.abs(skew) / 1_000} s ${skew > 0 ? 'behind' : 'ahead of'} the database's.`,
          'Set both by NTP.',
        ),
  ];
}

export async function lookAtRedis({ REDIS_URL, REDIS_KEY_PREFIX }: Config): Promise<Finding[]> {
  const part = 'redis';
  if (!REDIS_URL) return [ok(part, 'not used: this server is the only one')];
  let reason = 'no answer';
  const redis = openRedisConnections({
    url: REDIS_URL,
    prefix: `${REDIS_KEY_PREFIX}:`,
    warn: (text) => (reason = text),
  });
  try {
    if (!(await redis.whenReady(REDIS_MS))) {
      return [fail(part, reason, 'Start Redis, or mend REDIS_URL. Servers go on alone until it answers.')];
    }
    const version = /redis_version:([\d.]+)/.exec(await redis.commands.info('server'))?.[1] ?? 'unknown';
    const [major = 0, minor = 0] = version.split('.').map(Number);
    const isOld = major < LEAST_REDIS[0] || (major === LEAST_REDIS[0] && minor < LEAST_REDIS[1]);
    if (isOld) return [fail(part, `Redis ${version} is too old.`, `Use Redis ${LEAST_REDIS.join('.')} or newer.`)];
    return [ok(part, `Redis ${version} answers.`)];
  } finally {
    await redis.dispose();
  }
}

export async function lookAtChroma({ CHROMA_URL, EMBEDDING_MODEL }: Config): Promise<Finding[]> {
  const part = 'chroma';
  if (!EMBEDDING_MODEL) {
    return [
      CHROMA_URL
        ? warn(part, 'CHROMA_URL is set, and no vectors are made.', 'Set EMBEDDING_MODEL.')
        : ok(part, 'not used: files are searched by their words'),
    ];
  }
  if (!CHROMA_URL) return [ok(part, 'one is started by the server itself, in DATA_DIR')];
  const index = createChromaIndex({ connect: async () => CHROMA_URL });
  try {
    const { status, message } = await index.state();
    if (status === 'OK') return [ok(part, 'Chroma answers.')];
    return [fail(part, message ?? 'Chroma does not answer.', 'Start Chroma, or mend CHROMA_URL.')];
  } finally {
    await index.dispose();
  }
}
