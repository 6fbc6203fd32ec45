import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { applyMigrations, type MigrationState, readMigrationState } from '../adapters/db/migrate.ts';
import { migratePostgres, onEmbedded, onPostgres } from '../adapters/db/open-database.ts';
import type { Config } from '../config.ts';

/** Applies what the database of these settings lacks. Returns the names. Throws AppError. */
export function migrate(config: Config, warn: (message: string) => void): Promise<string[]> {
  const { DATABASE_URL } = config;
  if (DATABASE_URL) return migratePostgres(DATABASE_URL, warn);
  return onEmbedded(resolve(config.DATA_DIR), (connection) => applyMigrations(connection, undefined, warn));
}

/** Changes nothing: an embedded database that is not there yet is not made. Throws AppError. */
export function migrationState(config: Config): Promise<MigrationState> {
  const { DATABASE_URL } = config;
  if (DATABASE_URL) return onPostgres(DATABASE_URL, (connection) => readMigrationState(connection));
  const directory = resolve(config.DATA_DIR);
  if (!hasEmbedded(directory)) return readMigrationState({ query: async () => [], execute: async () => {} });
  return onEmbedded(directory, (connection) => readMigrationState(connection));
}

export function hasEmbedded(dataDirectory: string): boolean {
  return existsSync(join(dataDirectory, 'database', 'PG_VERSION'));
}
