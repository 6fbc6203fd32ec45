import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** The workspaces' sources, not what is built from them for npm. */
const conditions = ['@colloquy/source'];

export default defineConfig({
  resolve: { conditions: [...conditions, 'module', 'node', 'development|production'] },
  ssr: { resolve: { conditions: [...conditions, 'module', 'node', 'development|production'] } },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    maxWorkers: availableParallelism(),
    execArgv: conditions.map((condition) => `--conditions=${condition}`),
    // Far more than any needs: a busy machine is no fault of what is tested.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    env: { NODE_ENV: 'test' },
  },
});
