import { dirname } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import type { SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils';

export type Connection = {
  factory: SqlMigrationAwareDriverAdapterFactory;
  close(): Promise<void>;
};

/** `pglite:./data/database` is a folder, `pglite:` alone a database in memory. */
export function isEmbedded(url: string): boolean {
  return url.startsWith('pglite:');
}

export async function openConnection(url: string): Promise<Connection> {
  return isEmbedded(url) ? openEmbedded(url.slice('pglite:'.length).replace(/^\/\//, '')) : openPostgres(url);
}

async function openEmbedded(folder: string): Promise<Connection> {
  if (folder === '') return { factory: inMemoryFactory(), close: async () => {} };
  // A running server on the same folder would lose what it has acknowledged.
  const { acquireDatabaseLock } = await import('../../src/adapters/db/lock.ts');
  const lock = await acquireDatabaseLock(dirname(folder));
  const database = await openPglite(folder);
  const close = async () => {
    await database.close();
    await lock.release();
  };
  return { factory: await embeddedFactory(database), close };
}

async function openPglite(folder?: string): Promise<PGlite> {
  const { PGlite } = await import('@electric-sql/pglite');
  return PGlite.create(folder);
}

async function embeddedFactory(database: PGlite): Promise<SqlMigrationAwareDriverAdapterFactory> {
  const { PrismaPGlite } = await import('pglite-prisma-adapter');
  return new PrismaPGlite(database);
}

/** Opens nothing until it is asked to: most of what compares schemas needs the shadow database only. */
function inMemoryFactory(): SqlMigrationAwareDriverAdapterFactory {
  const connect = async () => (await embeddedFactory(await openPglite())).connect();
  return { provider: 'postgres', adapterName: 'pglite', connect, connectToShadowDb: connect };
}

async function openPostgres(url: string): Promise<Connection> {
  const { PrismaPg } = await import('@prisma/adapter-pg');
  await readInternalCharAsText();
  const schema = new URL(url).searchParams.get('schema') ?? undefined;
  const factory: SqlMigrationAwareDriverAdapterFactory = new PrismaPg(
    // Migrations name no schema: they go to the first of the search path.
    { connectionString: withoutPrismaParameters(url), ...(schema && { options: `-c search_path=${schema}` }) },
    { schema },
  );
  // Its own shadow database is dropped while it is still connected to it, which fails, and needs the right to create one.
  factory.connectToShadowDb = () => inMemoryFactory().connectToShadowDb();
  return { factory, close: async () => {} };
}

function withoutPrismaParameters(url: string): string {
  const parsed = new URL(url);
  for (const name of ['schema', 'connection_limit', 'pool_timeout', 'pgbouncer']) parsed.searchParams.delete(name);
  return parsed.href;
}

/** The catalogue's "char" columns (type 18, in arrays 1002) are unknown to the adapter; as text (25, 1009) it reads them. */
async function readInternalCharAsText(): Promise<void> {
  const { default: pg } = await import('pg');
  type Field = { dataTypeID: number };
  const prototype = pg.Result.prototype as unknown as { addFields(fields: Field[]): unknown };
  const addFields = prototype.addFields;
  prototype.addFields = function (fields) {
    for (const field of fields) {
      if (field.dataTypeID === 18) field.dataTypeID = 25;
      else if (field.dataTypeID === 1002) field.dataTypeID = 1009;
    }
    return addFields.call(this, fields);
  };
}
