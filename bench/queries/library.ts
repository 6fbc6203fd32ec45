import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { encodeId } from '../../src/graphql/ids.ts';
import { encodeCursor } from '../../src/graphql/paging.ts';
import { startPostgres } from '../../test/support/services/postgres.ts';
import { databaseUrl, onServer } from '../../test/support/template.ts';
import { type Child, startChild } from '../support/child.ts';
import type { Closer } from '../support/closer.ts';
import { type Colloquy, startColloquy } from '../support/colloquy.ts';
import type { Cores } from '../support/cores.ts';
import { type MeasuredRequest, measuredRequests } from './requests.ts';
import { type Execute, seed } from './seed.ts';

/** A server on a database with so many messages. */
export type Library = {
  messages: number;
  server: Colloquy;
  token: string;
  requests: MeasuredRequest[];
  /** Asks the database directly. */
  raw: Child | null;
};

export type Libraries = { libraries: Library[]; bareYoga: Child };

const script = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** A server for each size, with their references. */
export async function openLibraries(
  { started }: Closer,
  sizes: number[],
  engine: 'postgresql' | 'pglite',
  cores: Cores | null,
): Promise<Libraries> {
  const postgres = engine === 'postgresql' ? await started(startPostgres()) : null;
  const ready = /listening on (\d+) /;
  const bareYoga = await started(startChild({ script: script('bare-yoga.ts'), core: cores?.measured, ready }));
  const libraries: Library[] = [];
  for (const messages of sizes) {
    const url = postgres ? await createDatabase(postgres.url) : undefined;
    const imports = [script('record-sql.ts')];
    const server = await started(startColloquy({ databaseUrl: url, core: cores?.measured, imports }));
    const user = await server.register();
    const userId = Buffer.from(user.id, 'base64url').toString('utf8').split(':')[1] ?? '';
    const { longConversation } = await fill(url, server, (execute) => seed(execute, userId, messages));
    const raw = url
      ? await started(
          startChild({ script: script('raw-sql.ts'), args: [url], core: cores?.measured, ready: /ready\n/ }),
        )
      : null;
    const requests = measuredRequests(encodeId('Conversation', longConversation), encodeCursor(messages / 2 - 1));
    libraries.push({ messages, server, token: user.token, requests, raw });
  }
  return { libraries, bareYoga };
}

/** A new one on the server. Answers with its address. */
export async function createDatabase(serverUrl: string): Promise<string> {
  const name = `bench_${randomBytes(6).toString('hex')}`;
  await onServer(serverUrl, (client) => client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`));
  return databaseUrl(serverUrl, name);
}

/** The embedded database belongs to its server alone, so it is the server that is asked to fill it. */
export async function fill<Result>(
  url: string | undefined,
  server: Colloquy,
  work: (execute: Execute) => Promise<Result>,
): Promise<Result> {
  if (!url) return work((sql) => server.ask({ execute: sql }));
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work((sql) => client.query(sql));
  } finally {
    await client.end();
  }
}
