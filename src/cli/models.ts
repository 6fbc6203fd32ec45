import { existsSync } from 'node:fs';
import { loadEnvFile } from 'node:process';
import { openModelsSession } from '../app/models-session.ts';
import { ConfigError, readConfig } from '../config.ts';
import { AppError } from '../errors.ts';
import { MODELS_USAGE, readModelsArguments, runModels } from './run-models.ts';

// `npm run models`: what models there are, and getting more.
process.exit(await main());

async function main(): Promise<number> {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.once('SIGTERM', () => stop.abort());
  try {
    const command = readModelsArguments(process.argv.slice(2));
    if (!command) {
      process.stdout.write(MODELS_USAGE);
      return 0;
    }
    if (existsSync('.env')) loadEnvFile('.env');
    const session = openModelsSession(readConfig(process.env));
    try {
      return await runModels({
        command,
        session,
        write: (text) => void process.stdout.write(text),
        columns: process.stdout.isTTY ? (process.stdout.columns ?? 80) : null,
        now: () => performance.now(),
        signal: stop.signal,
      });
    } finally {
      await session.close();
    }
  } catch (error) {
    if (error instanceof ConfigError) process.stderr.write(`${error.faults.join('\n')}\n`);
    else if (error instanceof AppError) process.stderr.write(`${error.message}\n`);
    else throw error;
    return error instanceof AppError && error.code === 'BAD_USER_INPUT' ? 2 : 1;
  }
}
