import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type Database, openEmbeddedDatabase, openPostgresDatabase } from '../../src/adapters/db/open-database.ts';
import { createWordIndex } from '../../src/adapters/words/word-index.ts';
import type { WordIndex } from '../../src/ports/word-index.ts';
import { createId } from '../../src/util/ids.ts';
import { startPostgres } from '../../test/support/services/postgres.ts';
import { databaseUrl, onServer } from '../../test/support/template.ts';
import type { Closer } from '../support/closer.ts';
import { type Cost, timed } from './timed.ts';

/** Bytes of text, and what adding them cost, making them left out. */
export type Added = Cost & { bytes: number };

export type Library = {
  database: Database;
  index: WordIndex;
  /** As it is just after a start: nothing is kept in memory. */
  reopen(): WordIndex;
  /** Adds chunks as one file, in parts as ingestion does, and publishes it. */
  add(scopeId: string, texts: Iterable<string>): Promise<Added>;
  /** Until nothing is left to do. Returns the number of steps. */
  merge(scopeId: string): Promise<number>;
};

const PART_BYTES = 4_000_000;

export async function openLibrary({ started }: Closer, engine: 'postgresql' | 'pglite'): Promise<Library> {
  const database = await openDatabase(started, engine);
  await started(Promise.resolve({ stop: database.dispose }));
  const { sql } = database;
  const open = () => createWordIndex({ sql, createId, vacuum: engine === 'pglite' });
  const index = open();
  return {
    database,
    index,
    reopen: open,
    async add(scopeId, texts) {
      const fileId = createId();
      const cost = { bytes: 0, seconds: 0, cpu: 0, hold: 0 };
      let firstChunk = 0;
      let part: string[] = [];
      let partBytes = 0;
      const append = async () => {
        const sent = { scopeId, fileId, generation: 1, firstChunk, texts: part };
        const { seconds, cpu, hold } = await timed(() => sql.transaction((runner) => index.append(runner, sent)));
        cost.seconds += seconds;
        cost.cpu += cpu;
        cost.hold = Math.max(cost.hold, hold);
        firstChunk += part.length;
        cost.bytes += partBytes;
        part = [];
        partBytes = 0;
      };
      for (const text of texts) {
        part.push(text);
        partBytes += Buffer.byteLength(text);
        if (partBytes >= PART_BYTES) await append();
      }
      await append();
      await sql.transaction((runner) => index.publish(runner, scopeId, fileId, 1));
      return cost;
    },
    async merge(scopeId) {
      let steps = 1;
      while (await index.merge(scopeId)) steps += 1;
      return steps;
    },
  };
}

async function openDatabase(started: Closer['started'], engine: 'postgresql' | 'pglite'): Promise<Database> {
  if (engine === 'pglite') {
    const folder = await mkdtemp(join(tmpdir(), 'colloquy-bench-'));
    await started(Promise.resolve({ stop: () => rm(folder, { recursive: true, force: true }) }));
    return openEmbeddedDatabase(folder);
  }
  const { url } = await started(startPostgres());
  const name = `bench_${randomBytes(6).toString('hex')}`;
  await onServer(url, (client) => client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`));
  return openPostgresDatabase(databaseUrl(url, name), { poolSize: 10, prepare: true });
}
