import { existsSync } from 'node:fs';
import { loadEnvFile } from 'node:process';
import { openReindexSession } from '../app/reindex-session.ts';
import { ConfigError, readConfig } from '../config.ts';
import { AppError } from '../errors.ts';
import { delay } from '../util/delay.ts';
import { REINDEX_USAGE, readReindexArguments, runReindex } from './run-reindex.ts';

// `npm run reindex`: files are read anew.
process.exit(await main());

async function main(): Promise<number> {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.once('SIGTERM', () => stop.abort());
  try {
    const chosen = readReindexArguments(process.argv.slice(2));
    if (!chosen) {
      process.stdout.write(REINDEX_USAGE);
      return 0;
    }
    if (existsSync('.env')) loadEnvFile('.env');
    const config = readConfig(process.env);
    return await runReindex({
      ...chosen,
      open: (options) => openReindexSession(config, options),
      write: (text) => void process.stdout.write(text),
      delay,
      signal: stop.signal,
    });
  } catch (error) {
    if (error instanceof ConfigError) process.stderr.write(`${error.faults.join('\n')}\n`);
    else if (error instanceof AppError) process.stderr.write(`${error.message}\n`);
    else throw error;
    return error instanceof AppError && error.code === 'BAD_USER_INPUT' ? 2 : 1;
  }
}
