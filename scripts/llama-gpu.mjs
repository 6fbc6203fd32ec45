// `npm run llama:gpu -- cuda`, or vulkan: gets the build of llama.cpp for a GPU. An installation leaves these builds out,
// because they take several hundred megabytes: `overrides` in package.json puts empty packages into their places.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, readdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runNpm } from './bootstrap/npm.mjs';

const USAGE = 'Say for what: npm run llama:gpu -- cuda, or npm run llama:gpu -- vulkan';
/** In the order in which they are put there: the last one is what llama.cpp is looked for in. */
const ENDINGS = { cuda: ['cuda-ext', 'cuda'], vulkan: ['vulkan'] };
const PLATFORMS = { linux: 'linux', win32: 'win' };

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const packages = join(root, 'node_modules', '@node-llama-cpp');
/** Beside the packages, so that whole folders can be moved; of an earlier run nothing is used. */
const staging = join(root, 'node_modules', '.llama-gpu');
const clear = () => rmSync(staging, { recursive: true, force: true });

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
]) {
  process.on(signal, () => {
    clear();
    process.exit(code);
  });
}

try {
  console.log(await getBuild(process.argv.slice(2)));
} catch (error) {
  console.error(`llama:gpu: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
} finally {
  clear();
}

/** Returns what there is now, in words. */
async function getBuild(words) {
  const [gpu] = words;
  if (words.length !== 1 || !(Object.hasOwn(ENDINGS, gpu) || gpu === 'metal')) throw new Error(USAGE);
  if (process.platform === 'darwin') return onMac(gpu);
  if (gpu === 'metal') throw new Error(`Metal is what a Mac has. ${USAGE}`);
  const names = ENDINGS[gpu].map((ending) => `${platformName()}-${ending}`);
  const version = installedVersion();
  clear();
  await mkdir(join(staging, 'replaced'), { recursive: true });
  for (const name of names) await fetchPackage(name, version);
  await mkdir(packages, { recursive: true });
  for (const name of names) await putInPlace(name);
  return `The build for ${gpu} is there. Models that are loaded from now on use it. After npm ci or npm install it has to be got again.`;
}

function onMac(gpu) {
  if (gpu !== 'metal') throw new Error(`There is no build for ${gpu} on a Mac.`);
  if (process.arch !== 'arm64') throw new Error('There is a build for Metal on Macs with Apple silicon only.');
  return 'Nothing is to be got: on a Mac the ordinary installation has the build for Metal.';
}

function platformName() {
  const name = PLATFORMS[process.platform];
  if (!name || process.arch !== 'x64') {
    throw new Error(`There are builds for Linux and Windows on x64 only, not for ${process.platform}-${process.arch}.`);
  }
  if (name === 'linux' && !process.report.getReport().header.glibcVersionRuntime) {
    throw new Error('The builds for Linux need glibc, which this system does not have (Alpine, say).');
  }
  return `${name}-x64`;
}

function installedVersion() {
  const file = join(root, 'node_modules', 'node-llama-cpp', 'package.json');
  if (!existsSync(file)) {
    throw new Error('The package node-llama-cpp is not installed: npm install --include=optional brings it.');
  }
  return JSON.parse(readFileSync(file, 'utf8')).version;
}

/** Downloads and unpacks it beside the others; npm compares its bytes with what the registry says of them. */
async function fetchPackage(name, version) {
  const wanted = `@node-llama-cpp/${name}@${version}`;
  console.error(`Getting ${wanted}; this takes minutes …`);
  const download = join(staging, `${name}.download`);
  await mkdir(download);
  await runNpm(root, ['pack', wanted, '--pack-destination', download, '--ignore-scripts', '--loglevel=error']).catch(
    (cause) => {
      throw new Error(
        `${wanted} cannot be got. Is the package registry within reach? ${cause.message} Nothing has been changed.`,
      );
    },
  );
  const [archive] = await readdir(download);
  await mkdir(join(staging, name));
  await unpack(join(`${name}.download`, archive ?? ''), name);
  const { name: isNamed, version: hasVersion } = readPackage(join(staging, name));
  if (`${isNamed}@${hasVersion}` !== wanted || !existsSync(join(staging, name, 'bins'))) {
    throw new Error(`What the package registry gave is not ${wanted}. Nothing has been changed.`);
  }
}

function readPackage(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  } catch {
    return {};
  }
}

/** Relative names: a tar of another world takes the colon of a drive for that of a host. */
function unpack(archive, folder) {
  return new Promise((resolve, reject) => {
    execFile(
      'tar',
      ['-xzf', archive, '-C', folder, '--strip-components=1'],
      { cwd: staging },
      (error, _stdout, stderr) => {
        if (!error) return resolve();
        const reason = stderr.trim() || error.message;
        reject(new Error(`The build cannot be unpacked: ${reason} Nothing has been changed.`));
      },
    );
  });
}

async function putInPlace(name) {
  const place = join(packages, name);
  const replaced = join(staging, 'replaced', name);
  if (existsSync(place)) await rename(place, replaced);
  try {
    await rename(join(staging, name), place);
  } catch (error) {
    if (existsSync(replaced)) await rename(replaced, place);
    throw error;
  }
}
