import { openAsBlob } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { inject } from 'vitest';
import { copyName, databaseUrl, onServer } from './template.ts';

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
  const template = inject('postgresTemplate');
  const name = copyName(template);
  const database = pg.escapeIdentifier(name);
  const create = `CREATE DATABASE ${database} TEMPLATE ${pg.escapeIdentifier(template)}`;
  await onServer(server, (client) => client.query(create));
  return {
    url: databaseUrl(server, name),
    drop: () => onServer(server, (client) => client.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`)),
  };
}
