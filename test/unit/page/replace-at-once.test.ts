import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { replaceAtOnce } from '../../../frontend/replace-at-once.ts';
import { temporaryFolder } from '../../support/main-process.ts';

/** Of the plugin of Vite, what a build calls. */
type Build = { config: () => { build: { outDir: string } }; writeBundle: { handler: () => Promise<void> } };

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

async function begin() {
  const folder = await temporaryFolder();
  const destination = join(folder, 'dist');
  const build = async (name: string) => {
    const spare = join(folder, `spare-${name}`);
    const { config, writeBundle } = replaceAtOnce(destination, spare) as unknown as Build;
    const { outDir } = config().build;
    await mkdir(join(outDir, 'assets'), { recursive: true });
    await writeFile(join(outDir, 'assets', `${name}.js`), name);
    await writeFile(join(outDir, 'index.html'), name);
    return { end: writeBundle.handler, left: () => readdir(spare) };
  };
  return { destination, build };
}

test('a build takes the place of the one before it, of which nothing is left', async () => {
  const { destination, build } = await begin();
  for (const name of NAMES) {
    const { end, left } = await build(name);
    await end();
    expect(await readFile(join(destination, 'index.html'), 'utf8')).toBe(name);
    expect(await readdir(join(destination, 'assets'))).toEqual([`${name}.js`]);
    expect(await left()).toEqual([]);
  }
});

test('of builds that end at once one is there, whole', async () => {
  const { destination, build } = await begin();
  const builds = await Promise.all(NAMES.map(build));
  await Promise.all(builds.map(({ end }) => end()));
  const name = await readFile(join(destination, 'index.html'), 'utf8');
  expect(await readdir(join(destination, 'assets'))).toEqual([`${name}.js`]);
  expect(await Promise.all(builds.map(({ left }) => left()))).toEqual(NAMES.map(() => []));
});
