import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findProgram, isExecutable, onPath } from './find-program.ts';

const run = promisify(execFile);
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The path of a Chromium that starts: CHROMIUM_PATH, else the machine's, else one that is installed now. */
export async function findChromium(): Promise<string> {
  const given = process.env.CHROMIUM_PATH;
  if (given) {
    if (!isExecutable(given)) throw new Error(`CHROMIUM_PATH is ${given}, which is not a program.`);
    return given;
  }
  return findProgram({
    title: 'Chromium',
    variable: 'CHROMIUM_PATH',
    packages: ['chromium'],
    candidates: () => [
      ...NAMES.flatMap(onPath),
      '/usr/bin/chromium',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    ],
    // Ubuntu's `chromium-browser` may be a script that only says where to get one.
    accept: async (path) => /Chrom/.test((await run(path, ['--version'], { timeout: 20_000 })).stdout),
  });
}
