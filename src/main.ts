#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { loadEnvFile } from 'node:process';
import { createLogger } from './adapters/logs/logger.ts';
import { startApp } from './app.ts';
import { ConfigError, readConfig } from './config.ts';
import { AppError } from './errors.ts';
import { welcome } from './welcome.ts';

/** Longer than any part takes that works, once nothing runs any more. */
const LONGEST_END_MS = 9_000;
const ORPHAN_CHECK_MS = 500;

async function main(): Promise<void> {
  if (existsSync('.env')) loadEnvFile('.env');
  const config = readConfig(process.env);
  const logger = createLogger({ level: config.LOG_LEVEL, format: config.LOG_FORMAT });

  // A fault that nobody expected may have left anything behind: it is logged, and the server goes on only for those
  // that are known to be harmless.
  process.on('unhandledRejection', (error) => logger.error({ err: error }, 'A rejection was not handled.'));

  const starting = startApp(config, logger);
  let ending = false;
  const end = (signal: NodeJS.Signals | 'the end of npm') => {
    // A second signal does not wait: what was running is closed from its checkpoint by the next start.
    if (ending) process.exit(1);
    ending = true;
    logger.info(`Ending on ${signal}. A second signal ends at once.`);
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
  if (process.env.npm_lifecycle_event) onceOrphaned(() => end('the end of npm'));

  const app = await starting;
  process.stdout.write(await welcome(app, config));
}

/**
 * npm runs a script through a shell. A signal to npm alone ends the shell and not the server, which would go on unseen
 * with its port and its database.
 */
function onceOrphaned(then: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    then();
  }, ORPHAN_CHECK_MS);
  timer.unref();
}

main().catch((error: unknown) => {
  if (error instanceof ConfigError)
    console.error(`Colloquy cannot start:\n${error.faults.map((fault) => `  ${fault}`).join('\n')}`);
  else if (error instanceof AppError) console.error(`Colloquy cannot start: ${error.message}`);
  else if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') {
    console.error('Colloquy cannot start: the port is in use. Set PORT to another one.');
  } else console.error('Colloquy cannot start:', error);
  process.exit(1);
});
