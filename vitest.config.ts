import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** The workspaces' sources, not what is built from them for npm. */
const conditions = ['@colloquy/source'];

/** Each file of these in a process of its own: they mock modules, count processes and measure memory. */
const APART = ['test/unit/**/*.test.ts', 'test/faults/**/*.test.ts', 'test/integration/extraction-*.test.ts'];

export default defineConfig({
  resolve: { conditions: [...conditions, 'module', 'node', 'development|production'] },
  ssr: { resolve: { conditions: [...conditions, 'module', 'node', 'development|production'] } },
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    // One more than compute at once: a quarter of the time a test waits for a lease, a limit or another process.
    maxWorkers: availableParallelism() + 1,
    execArgv: conditions.map((condition) => `--conditions=${condition}`),
    // Far more than any needs: a busy machine is no fault of what is tested.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    env: { NODE_ENV: 'test' },
    projects: [
      { extends: true, test: { name: 'apart', include: APART } },
      {
        extends: true,
        // One after another in a process that has the server loaded and compiled: both cost more than most files do.
        test: { name: 'together', include: ['test/**/*.test.ts'], exclude: APART, isolate: false, unstubGlobals: true },
      },
    ],
  },
});
