import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plugin } from 'vite';

/** How often another build that ends at the same moment is given way to. */
const ATTEMPTS = 20;

/**
 * Builds beside what is there, and takes its place when all is written: a server that starts, or sends the page, meanwhile
 * finds one that is whole, and so do builds that run at once. `destination` is an absolute path.
 */
export function replaceAtOnce(destination: string, spare: string): Plugin {
  const built = join(spare, `.page-${process.pid}`);
  return {
    name: 'replace-at-once',
    apply: 'build',
    config: () => ({ build: { outDir: built, emptyOutDir: true } }),
    writeBundle: {
      // After whatever adds to it.
      order: 'post',
      sequential: true,
      async handler() {
        const old = `${built}-old`;
        for (let attempt = 1; ; attempt++) {
          await rename(destination, old).catch(ignoreMissing);
          try {
            await rename(built, destination);
            break;
          } catch (error) {
            if (attempt === ATTEMPTS) throw error;
          } finally {
            await rm(old, { recursive: true, force: true });
          }
        }
      },
    },
  };
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
