import type { EngineArguments } from './arguments.ts';
import { isEmbedded } from './connections.ts';

/** What the Prisma CLI calls the failures of a connection, by PostgreSQL's code. */
const PRISMA_CODES: Record<string, string> = { '3D000': 'P1003', '28P01': 'P1000', '28000': 'P1000' };

/** Runs a command that needs no engine. Returns the exit code; a failure goes to standard error as a JSON line. */
export async function runDatabaseCommand(command: EngineArguments['command'], url: string): Promise<number> {
  try {
    // An embedded database is made by opening it.
    if (!isEmbedded(url)) await runOnPostgres(command, url);
    return 0;
  } catch (error) {
    const { message, code } = error as Error & { code?: string };
    const fields = { message, error_code: PRISMA_CODES[code ?? ''] ?? 'P1001' };
    const line = { timestamp: new Date().toISOString(), level: 'ERROR', fields, target: 'schema_engine::logger' };
    process.stderr.write(`\n${JSON.stringify(line)}\n`);
    return 1;
  }
}

async function runOnPostgres(command: EngineArguments['command'], url: string): Promise<void> {
  const { default: pg } = await import('pg');
  const address = new URL(url);
  const database = pg.escapeIdentifier(decodeURIComponent(address.pathname.slice(1)));
  // A database is created and dropped from another one.
  if (command !== 'can-connect-to-database') address.pathname = '/postgres';
  const client = new pg.Client({ connectionString: address.href });
  await client.connect();
  try {
    if (command === 'create-database') await client.query(`CREATE DATABASE ${database}`);
    else if (command === 'drop-database') await client.query(`DROP DATABASE IF EXISTS ${database}`);
    else await client.query('SELECT 1');
  } finally {
    await client.end();
  }
}
