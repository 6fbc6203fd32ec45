import { randomBytes } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { inject } from 'vitest';
import { databaseUrl, onServer } from './template.ts';

/** A migrated, empty embedded database in memory. Whoever asks for it closes it. */
export async function createPgliteFromTemplate(): Promise<PGlite> {
  return PGlite.create({ loadDataDir: await openAsBlob(inject('pgliteTemplate')) });
}

export type PostgresDatabase = {
  url: string;
  /** Also ends the connections that are left. */
  drop(): Promise<void>;
};

/** A migrated, empty database on the PostgreSQL server of this run. */
export async function createPostgresDatabase(): Promise<PostgresDatabase> {
  const server = inject('postgresUrl');
  const name = `colloquy_test_${randomBytes(6).toString('hex')}`;
  const database = pg.escapeIdentifier(name);
  const template = pg.escapeIdentifier(inject('postgresTemplate'));
  await onServer(server, (client) => client.query(`CREATE DATABASE ${database} TEMPLATE ${template}`));
  return {
    url: databaseUrl(server, name),
    drop: () => onServer(server, (client) => client.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`)),
  };
}
