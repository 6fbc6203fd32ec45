import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../support/main-process.ts';
import { inSourceTree } from '../support/source-tree.ts';
import { writeTinyChatModel } from '../support/tiny-gguf.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Packs a package as it is published, and puts it where npm would. */
async function install(directory: string, name: string, words: string[]): Promise<string> {
  const command = ['pack', ...words, '--pack-destination', directory];
  await inSourceTree(() => run('npm', command, { cwd: ROOT, maxBuffer: 10_000_000 }));
  const installed = join(directory, 'node_modules', name);
  await mkdir(installed, { recursive: true });
  const file = `${name.replace('@', '').replace('/', '-')}-0.1.0.tgz`;
  await run('tar', ['-xzf', join(directory, file), '-C', installed, '--strip-components=1']);
  return installed;
}

/** The package, beside what it declares to depend on. */
async function installPackage(): Promise<string> {
  const directory = await temporaryFolder();
  const modules = join(directory, 'node_modules');
  const installed = await install(directory, 'colloquy', []);
  await install(directory, '@colloquy/sdk', ['-w', 'sdk']);
  const { dependencies } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'));
  for (const name of Object.keys(dependencies)) {
    if (name === '@colloquy/sdk') continue;
    const link = join(modules, name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(ROOT, 'node_modules', name), link);
  }
  return installed;
}

describe('the published package', () => {
  it('starts where Node strips no types, with its page, and with nothing but its own dependencies', async () => {
    const installed = await installPackage();
    const dataDirectory = await temporaryFolder();
    // What is optional is left out: a model that is there nevertheless is told of, and all else works.
    await mkdir(join(dataDirectory, 'models'));
    await writeTinyChatModel(join(dataDirectory, 'models', 'tiny.gguf'));
    const { bin } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'));
    const program = join(installed, bin.colloquy);
    expect(await readFile(program, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    const help = await run(process.execPath, [program, '--help'], { cwd: dataDirectory });
    expect(help.stdout).toContain('Usage: colloquy [options] [command]');
    const child = spawn(process.execPath, [program, 'serve'], {
      cwd: dataDirectory,
      env: { PATH: process.env.PATH, PORT: '0', OLLAMA_BASE_URL: 'http://127.0.0.1:9', DATA_DIR: dataDirectory },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const exited = once(child, 'exit');
    onTestFinished(() => void child.kill('SIGKILL'));
    let printed = '';
    const url = await new Promise<string>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (chunk: Buffer) => {
          printed += chunk.toString();
          const found = /Page\s+(http\S+?)\/\s/.exec(printed)?.[1];
          if (found) resolve(found);
        });
      }
      child.once('exit', () => reject(new Error(printed)));
    });
    expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ status: 'DEGRADED', version: '0.1.0' });
    await expect
      .poll(() => printed)
      .toContain('No GGUF file can be used. The package node-llama-cpp is not installed: `npm install node-llama-cpp`');
    expect(await (await fetch(url)).text()).toContain('<script type="module"');
    const nobody = run(process.execPath, [program, 'whoami', '--url', url, '--json'], {
      cwd: dataDirectory,
      env: { PATH: process.env.PATH, XDG_CONFIG_HOME: dataDirectory },
    });
    await expect(nobody).rejects.toMatchObject({ code: 3, stdout: `${JSON.stringify({ url, user: null })}\n` });
    child.kill('SIGTERM');
    expect((await exited)[0]).toBe(0);
  });
});
