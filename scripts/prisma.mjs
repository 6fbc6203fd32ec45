// The Prisma CLI, offline: its engine is the one in `scripts/schema-engine.mjs`.

import { spawn } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Starts the Prisma CLI. What only compares or generates needs no database but opens one: then it is one in memory. */
export function startPrisma(words, stdio = 'inherit') {
  const throwaway = !process.env.DATABASE_URL && (words[0] === 'generate' || words[1] === 'diff');
  return spawn(process.execPath, [join(root, 'node_modules', 'prisma', 'build', 'index.js'), ...words], {
    cwd: root,
    stdio,
    env: {
      ...process.env,
      ...(throwaway ? { DATABASE_URL: 'pglite:' } : {}),
      // The engine is started by its first line, which looks `node` up; generators are found here too.
      PATH: [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
      PRISMA_SCHEMA_ENGINE_BINARY: join(root, 'scripts', 'schema-engine.mjs'),
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      CHECKPOINT_DISABLE: '1',
    },
  });
}

if (import.meta.main) {
  const child = startPrisma(process.argv.slice(2));
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('close', (code) => process.exit(code ?? 1));
}
