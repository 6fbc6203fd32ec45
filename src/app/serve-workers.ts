import cluster, { type Worker } from 'node:cluster';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { migratePostgres } from '../adapters/db/open-database.ts';
import { createLogger } from '../adapters/logs/logger.ts';
import { type Config, readConfig } from '../config.ts';
import { AppError } from '../errors.ts';
import { type Delay, delay } from '../util/delay.ts';
import { onceOrphaned } from '../util/once-orphaned.ts';
import { refuseNamedModels } from './named-models.ts';
import { LONGEST_END_MS } from './serve.ts';
import { tellWhyNot } from './why-not.ts';
import type { FromWorker } from './worker-link.ts';

/** In TypeScript beside this file's source, in JavaScript beside what is built from it. */
const PROGRAM = fileURLToPath(new URL(`../main${extname(import.meta.url)}`, import.meta.url));
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** Whoever has lived for so long did not die of its start. */
const HEALTHY_MS = 60_000;

/**
 * Several processes of the server behind one port, until a signal ends them all. One that dies is started again. Returns
 * the exit code. Throws AppError BAD_USER_INPUT where the settings are those of a single process.
 */
export async function serveWorkers(environment: Record<string, string | undefined>, count: number): Promise<number> {
  const isRunByNpm = environment.npm_lifecycle_event !== undefined;
  let isForSeveral = false;
  try {
    const config = readConfig(environment);
    const databaseUrl = refuseSingle(config, count);
    isForSeveral = true;
    const logger = createLogger({ level: config.LOG_LEVEL, format: config.LOG_FORMAT, name: 'first process' });
    await refuseNamedModels(config);
    // Once, and not by the first of them while the others wait.
    await migratePostgres(databaseUrl, (message) => logger.warn(message));
    cluster.setupPrimary({ exec: PROGRAM, args: [] });
    return await superviseWorkers({ config, count, logger, environment, isRunByNpm, delay });
  } catch (error) {
    // That was about the words of the command; all else is as with one process.
    if (error instanceof AppError && !isForSeveral) throw error;
    tellWhyNot(error);
    return 1;
  }
}

/** Returns the address of the database. */
function refuseSingle({ DATABASE_URL, REDIS_URL, EMBEDDING_MODEL, CHROMA_URL }: Config, count: number): string {
  const missing = Object.entries({
    DATABASE_URL,
    REDIS_URL,
    // Each would start a Chroma of its own on one folder.
    ...(EMBEDDING_MODEL && { CHROMA_URL }),
  }).flatMap(([name, value]) => (value === undefined ? [name] : []));
  if (DATABASE_URL !== undefined && missing.length === 0) return DATABASE_URL;
  const message = `${count} workers act as one through what they share. Set ${missing.join(' and ')}, or leave --workers out.`;
  throw new AppError({ code: 'BAD_USER_INPUT', message });
}

type SuperviseOptions = {
  config: Config;
  count: number;
  logger: Logger;
  environment: Record<string, string | undefined>;
  isRunByNpm: boolean;
  delay: Delay;
};

async function superviseWorkers(options: SuperviseOptions): Promise<number> {
  const { config, count, logger } = options;
  const living = new Set<Worker>();
  const ending = new AbortController();
  /** Places that have had a worker which listened. */
  const ready = new Set<number>();
  let code = 0;

  const kill = (signal: NodeJS.Signals) => {
    for (const worker of living) worker.process.kill(signal);
  };
  const end = (reason: string) => {
    if (ending.signal.aborted) {
      kill('SIGKILL');
      process.exit(1);
    }
    logger.info(`Ending on ${reason}. A second signal ends at once.`);
    ending.abort();
    kill('SIGTERM');
    // Each ends by itself in that time, unless it hangs.
    setTimeout(() => kill('SIGKILL'), config.SHUTDOWN_GRACE_SECONDS * 1_000 + LONGEST_END_MS + 1_000).unref();
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  if (options.isRunByNpm) onceOrphaned(() => end('the end of npm'));

  /** One after another, until all have to end. */
  async function keep(place: number): Promise<void> {
    for (let deaths = 0; !ending.signal.aborted; ) {
      const started = performance.now();
      const how = await runOne(place);
      if (ending.signal.aborted) return;
      if (!ready.has(place)) {
        // It has said itself why it cannot start, and none of the others will.
        code = 1;
        return end('a worker that could not start');
      }
      deaths = performance.now() - started > HEALTHY_MS ? 1 : deaths + 1;
      const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (deaths - 1));
      logger.error(`A worker has ended with ${how}. Another one is started in ${pause} ms.`);
      await options.delay(pause, ending.signal);
    }
  }

  /** Returns how it has ended. */
  async function runOne(place: number): Promise<string> {
    const worker = cluster.fork(options.environment);
    let listens = false;
    living.add(worker);
    worker.on('message', (message: FromWorker) => {
      if (message.type !== 'ready') return;
      listens = true;
      const isLast = ready.size < count && ready.add(place).size === count;
      if (isLast) process.stdout.write(`${message.text}\n  Workers   ${count}\n`);
    });
    const [exitCode, signal] = await new Promise<[number | null, string | null]>((resolve) => {
      worker.once('exit', (...how) => resolve(how));
    });
    living.delete(worker);
    // One that was still starting has left nothing behind.
    if (ending.signal.aborted && exitCode !== 0 && listens) code = 1;
    return signal ?? `the code ${exitCode}`;
  }

  await Promise.all(Array.from({ length: count }, (_none, place) => keep(place)));
  return code;
}
