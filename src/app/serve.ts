import { createLogger } from '../adapters/logs/logger.ts';
import { startApp } from '../app.ts';
import { type Config, readConfig } from '../config.ts';
import { onceOrphaned } from '../util/once-orphaned.ts';
import { welcome } from '../welcome.ts';
import { tellWhyNot } from './why-not.ts';
import { openWorkerLink } from './worker-link.ts';

/** Longer than any part takes that works, once nothing runs any more. */
export const LONGEST_END_MS = 9_000;

type Environment = Record<string, string | undefined>;

/**
 * The server, from its settings to the end of the process. Resolves when it listens; what stops the start is told, and
 * ends the process.
 */
export async function serve(environment: Environment): Promise<void> {
  try {
    await run(readConfig(environment), environment.npm_lifecycle_event !== undefined);
  } catch (error) {
    tellWhyNot(error);
    process.exit(1);
  }
}

async function run(config: Config, isRunByNpm: boolean): Promise<void> {
  const link = openWorkerLink();
  const logger = createLogger({ level: config.LOG_LEVEL, format: config.LOG_FORMAT, name: link?.name });

  // A fault that nobody expected may have left anything behind: it is logged, and the server goes on only for those
  // that are known to be harmless.
  process.on('unhandledRejection', (error) => logger.error({ err: error }, 'A rejection was not handled.'));

  const starting = startApp(config, logger);
  let ending = false;
  const end = (reason: string) => {
    // A second signal does not wait: what was running is closed from its checkpoint by the next start. For a worker it
    // is no second one: Ctrl-C comes from the terminal and from the first process, which kills when it has to.
    if (ending && !link) process.exit(1);
    if (ending) return;
    ending = true;
    logger.info(`Ending on ${reason}.${link ? '' : ' A second signal ends at once.'}`);
    starting
      .then(async (app) => {
        const { runningTurns } = app.load();
        if (runningTurns > 0) {
          const seconds = config.SHUTDOWN_GRACE_SECONDS;
          logger.info(`${runningTurns} answers are being finished, for ${seconds} seconds at most.`);
        }
        await app.drain();
        // What cannot be reached any more (a database that is silent) is not waited for: most who ask for an end kill soon.
        setTimeout(() => {
          logger.error(`The end was not over in time, after ${LONGEST_END_MS} ms.`);
          process.exit(1);
        }, LONGEST_END_MS);
        await app.dispose();
      })
      .then(
        () => process.exit(0),
        (error: unknown) => {
          logger.error({ err: error });
          process.exit(1);
        },
      );
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  link?.onLost(end);
  if (isRunByNpm && !link) onceOrphaned(() => end('the end of npm'));

  const app = await starting;
  const text = await welcome(app, config);
  if (link) link.ready(text);
  else process.stdout.write(text);
}
