#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { CommanderError } from '@commander-js/extra-typings';
import { isNodeTooOld, LEAST_NODE, TESTED_NODE } from '../util/node-version.ts';
import { EXIT, Failure } from './exit-codes.ts';
import { createProgram } from './program.ts';
import { createShell, type Shell } from './shell.ts';

/** Beside `src` as beside `dist`, in the repository as in the published package. */
const PACKAGE_FILE = new URL('../../package.json', import.meta.url);

const shell = createShell();
const code = await run(shell, process.argv.slice(2));
// A pipe takes what is written later than an exit would.
await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))));
process.exit(code);

/** Returns the exit code. */
async function run(shell: Shell, words: string[]): Promise<number> {
  const { version } = JSON.parse(readFileSync(PACKAGE_FILE, 'utf8')) as { version: string };
  const program = createProgram(shell, version);
  try {
    if (words.length === 0) {
      program.outputHelp();
      return EXIT.done;
    }
    if (isNodeTooOld()) throw new Failure(tooOld());
    await program.parseAsync(words, { from: 'user' });
    return Number(process.exitCode ?? EXIT.done);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    if (shell.interrupted()) return EXIT.interrupted;
    const { message, exitCode } = await failureOf(error);
    shell.writeError(`${message}\n`);
    return exitCode;
  }
}

function tooOld(): string {
  const { node } = process.versions;
  return `Colloquy needs Node ${LEAST_NODE} or newer, and this is ${node}. Install Node ${TESTED_NODE}.`;
}

async function failureOf(error: unknown): Promise<{ message: string; exitCode: number }> {
  if (error instanceof Failure) return error;
  const { explainFailure } = await import('./explain-failure.ts');
  return explainFailure(error);
}
