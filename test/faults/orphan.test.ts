import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../support/main-process.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

// As npm runs it: through a shell, which a signal to npm ends while the server is left behind.
it.runIf(process.platform !== 'win32')('a server whose npm is gone ends by itself, as on a signal', async () => {
  const shell = spawn('/bin/sh', ['-c', `"${process.execPath}" "${MAIN}"; true`], {
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      LOG_FORMAT: 'json',
      DATA_DIR: await temporaryFolder(),
      OLLAMA_BASE_URL: 'http://127.0.0.1:9',
      npm_lifecycle_event: 'start',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  const url = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      printed += chunk.toString();
      const found = /Page\s+(http\S+?)\/\s/.exec(printed)?.[1];
      if (found) resolve(found);
    };
    shell.stdout.on('data', read);
    shell.stderr.on('data', read);
    shell.once('exit', () => reject(new Error(printed)));
  });
  onTestFinished(() => void shell.kill('SIGKILL'));
  expect((await fetch(`${url}/ready`)).status).toBe(200);
  // The server has the other end of this pipe: it closes when the server is gone.
  const gone = once(shell.stdout, 'close');
  shell.kill('SIGKILL');
  await gone;
  await expect(fetch(`${url}/ready`)).rejects.toThrow();
  expect(printed).toContain('the end of npm');
});
