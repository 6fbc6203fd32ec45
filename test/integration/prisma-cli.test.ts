import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { acquireDatabaseLock } from '../../src/adapters/db/lock.ts';
import { createPostgresDatabase } from '../support/database.ts';

const script = fileURLToPath(new URL('../../scripts/prisma.mjs', import.meta.url));

function prisma(url: string, ...words: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    // Whatever it tries to reach, it reaches nothing: the engine is not downloaded.
    const env = {
      ...process.env,
      DATABASE_URL: url,
      HTTPS_PROXY: 'http://127.0.0.1:9',
      HTTP_PROXY: 'http://127.0.0.1:9',
    };
    execFile(process.execPath, [script, ...words], { env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr });
    });
  });
}

test('the Prisma CLI sees on PostgreSQL what the server has applied', async () => {
  const database = await createPostgresDatabase();
  try {
    const { code, output } = await prisma(database.url, 'migrate', 'status');
    expect(output).toContain('Database schema is up to date');
    expect(code).toBe(0);
  } finally {
    await database.drop();
  }
});

test('the Prisma CLI migrates an embedded database, but not one that is in use', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-prisma-'));
  const url = `pglite:${join(folder, 'database')}`;
  const lock = await acquireDatabaseLock(folder);
  try {
    const refused = await prisma(url, 'migrate', 'deploy');
    expect(refused.output).toContain('in use by process');
    expect(refused.code).toBe(1);
    await lock.release();
    const { code, output } = await prisma(url, 'migrate', 'deploy');
    expect(output).toContain('successfully applied');
    expect(code).toBe(0);
  } finally {
    await lock.release();
    await rm(folder, { recursive: true, force: true });
  }
});
