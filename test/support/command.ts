import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { COMPILE_CACHE, temporaryFolder } from './main-process.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

export type CommandResult = { code: number | null; output: string; errors: string };

export type CommandProcess = { child: ChildProcess; ended(): Promise<CommandResult> };

export type CommandOptions = {
  environment?: Record<string, string>;
  /** Where no .env is. Default: a folder of its own. */
  folder?: string;
  /** What is sent to it, which then ends. */
  input?: string;
};

/**
 * `colloquy` with these words, in a process of its own and with this environment alone; no terminal. It is killed when
 * the test has finished.
 */
export async function startCommand(words: string[], options: CommandOptions = {}): Promise<CommandProcess> {
  const folder = options.folder ?? (await temporaryFolder());
  const child = spawn(process.execPath, ['--conditions=@colloquy/source', MAIN, ...words], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      NODE_NO_WARNINGS: '1',
      NODE_COMPILE_CACHE: COMPILE_CACHE,
      XDG_CONFIG_HOME: folder,
      OLLAMA_BASE_URL: 'http://127.0.0.1:9',
      MODEL_GPU: 'off',
      ...options.environment,
    },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  const output = text(child.stdout);
  const errors = text(child.stderr);
  // It may have ended before it reads.
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const ended = async () => ({ code: (await exited)[0], output: await output, errors: await errors });
  return { child, ended };
}

export async function runCommand(words: string[], options: CommandOptions = {}): Promise<CommandResult> {
  return (await startCommand(words, options)).ended();
}
