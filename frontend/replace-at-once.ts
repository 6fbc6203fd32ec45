import { cp, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plugin } from 'vite';

/** How often another build that ends at the same moment is given way to. */
const ATTEMPTS = 20;

/**
 * Builds beside what is there, and takes its place when all is written: a server that starts, or sends the page, meanwhile
 * finds one that is whole, and so do builds that run at once. Where one of the two folders is on another disk, as in a
 * container, it is copied. Both are absolute paths.
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
        try {
          await swap(built, destination);
        } catch (error) {
          if (!isOfTwoDisks(error)) throw error;
          await copy(built, destination);
        }
      },
    },
  };
}

async function swap(built: string, destination: string): Promise<void> {
  const old = `${built}-old`;
  for (let attempt = 1; ; attempt++) {
    await rename(destination, old).catch(ignoreMissing);
    try {
      return await rename(built, destination);
    } catch (error) {
      if (attempt === ATTEMPTS || isOfTwoDisks(error)) throw error;
    } finally {
      await rm(old, { recursive: true, force: true });
    }
  }
}

/** The folder itself stays: a disk may be mounted there. */
async function copy(built: string, destination: string): Promise<void> {
  await mkdir(destination, { recursive: true });
  const names = await readdir(destination);
  await Promise.all(names.map((name) => rm(join(destination, name), { recursive: true })));
  await cp(built, destination, { recursive: true });
  await rm(built, { recursive: true });
}

function isOfTwoDisks(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EXDEV' || code === 'EBUSY';
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
