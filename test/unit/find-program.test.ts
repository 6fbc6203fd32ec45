import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { findChromium } from '../support/services/chromium.ts';
import { findProgram, versionFolders } from '../support/services/find-program.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'colloquy-find-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

async function program(name: string, mode = 0o755): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, '#!/bin/sh\n');
  await chmod(path, mode);
  return path;
}

const search = (candidates: string[], accept: (path: string) => Promise<boolean>) => ({
  title: 'Example 3',
  variable: 'EXAMPLE_PATH',
  packages: ['example'],
  candidates: () => candidates,
  accept,
});

describe('findProgram', () => {
  test('takes the first that can be run and is accepted', async () => {
    const candidates = [join(folder, 'missing'), await program('text', 0o644), await program('broken')];
    candidates.push(await program('old'), await program('good'), await program('other'));
    const accept = async (path: string) => {
      if (path.endsWith('broken')) throw new Error('does not start');
      return !path.endsWith('old');
    };
    expect(await findProgram(search(candidates, accept))).toBe(join(folder, 'good'));
  });

  test('names what to install where it cannot install it itself', async () => {
    vi.spyOn(process, 'getuid').mockReturnValue(1000);
    await expect(findProgram(search([], async () => true))).rejects.toThrow(
      'The tests need Example 3: install it (Debian, Ubuntu: apt-get install example) or set EXAMPLE_PATH. ' +
        'It can be installed by the tests themselves only as root.',
    );
    vi.spyOn(process, 'getuid').mockReturnValue(0);
    vi.stubEnv('PATH', folder);
    await expect(findProgram(search([], async () => true))).rejects.toThrow('There is no apt-get here');
  });

  test('installs as root, and looks again', async () => {
    vi.spyOn(process, 'getuid').mockReturnValue(0);
    vi.spyOn(console, 'error').mockReturnValue();
    const installed = join(folder, 'example');
    await writeFile(
      join(folder, 'apt-get'),
      `#!/bin/sh\n[ "$1" = install ] && printf '#!/bin/sh' > ${installed}\n: ${'$'}{DEBIAN_FRONTEND:?}\n/bin/chmod +x ${installed} 2>/dev/null || :\n`,
    );
    await chmod(join(folder, 'apt-get'), 0o755);
    vi.stubEnv('PATH', folder);
    expect(await findProgram(search([installed], async () => true))).toBe(installed);
  });

  test('tells why an installation failed', async () => {
    vi.spyOn(process, 'getuid').mockReturnValue(0);
    vi.spyOn(console, 'error').mockReturnValue();
    await writeFile(join(folder, 'apt-get'), '#!/bin/sh\necho "E: no such package" >&2\nexit 100\n');
    await chmod(join(folder, 'apt-get'), 0o755);
    vi.stubEnv('PATH', folder);
    await expect(findProgram(search([], async () => true))).rejects.toThrow('apt-get failed: E: no such package');
  });
});

test('versions are in the order of their numbers', async () => {
  await Promise.all(['9', '15', '100'].map((name) => program(name)));
  expect(versionFolders(folder)).toEqual(['100', '15', '9']);
  expect(versionFolders(join(folder, 'missing'))).toEqual([]);
});

test('a CHROMIUM_PATH that is no program is refused rather than passed over', async () => {
  vi.stubEnv('CHROMIUM_PATH', join(folder, 'missing'));
  await expect(findChromium()).rejects.toThrow('CHROMIUM_PATH is');
});
