import { createLogger } from '../adapters/logs/logger.ts';
import { startApp } from '../app.ts';
import type { Config } from '../config.ts';
import { COMMAND_LINE } from './command-line.ts';

export type ReindexSession = {
  /** True when this process reads the files itself. */
  works: boolean;
  /** Returns how many files are to be read anew. */
  order(request: { collectionId: string | null; all: boolean }): Promise<number>;
  /** Files that wait or are being read, whoever ordered that. */
  left(): Promise<number>;
  /** Those that could not be read since the order. */
  failures(): Promise<{ name: string; error: string }[]>;
  /** Servers on this database that live, this process aside. */
  servers(): Promise<number>;
  close(): Promise<void>;
};

const SERVERS = `SELECT count(*)::int AS count FROM instances WHERE heartbeat_at > now() - interval '15 s'`;
const LEFT = `SELECT count(*)::int AS count FROM files WHERE status IN ('QUEUED', 'PROCESSING')`;
const FAILURES = `SELECT name, error FROM files WHERE status = 'FAILED' AND processed_at >= $1 ORDER BY name LIMIT 20`;

/**
 * The parts of a server, put together as for one, for as long as a command takes; nobody else reaches it. The embedded
 * database is this process's alone then, so it does the work itself. Of PostgreSQL the servers that run do it, which
 * have the files: this process does only when it is told to.
 */
export async function openReindexSession(config: Config, options: { work: boolean }): Promise<ReindexSession> {
  const works = options.work || !config.DATABASE_URL;
  const own = { ...config, HOST: '127.0.0.1', PORT: 0, WORKER_ENABLED: works };
  const app = await startApp(own, createLogger({ level: 'error', format: config.LOG_FORMAT }));
  const { sql } = app.database;
  const begun = new Date();
  const count = async (text: string) => {
    const [row] = await sql.query<{ count: number }>(text);
    return row?.count ?? 0;
  };
  return {
    works,
    order: (request) => app.services.reindex(COMMAND_LINE, request),
    left: () => count(LEFT),
    failures: () => sql.query(FAILURES, [begun]),
    servers: async () => Math.max(0, (await count(SERVERS)) - 1),
    close: app.dispose,
  };
}
