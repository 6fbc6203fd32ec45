import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runNpm } from './npm.mjs';

/** Installs what package-lock.json names, unless it is installed already. */
export async function installPackages(root) {
  const lock = readFileSync(join(root, 'package-lock.json'));
  const stampFile = join(root, 'node_modules', '.colloquy-installed');
  // Native packages differ by platform: a folder that was copied from another machine is not installed.
  const stamp = createHash('sha256').update(lock).update(`${process.platform} ${process.arch}`).digest('hex');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  if (!installedByHand(root, lock)) {
    console.error('Installing packages; this takes a minute or two and is needed once …');
    // No package but `node` needs its install script. Prisma's would download engines that are not used here.
    await runNpm(root, ['ci', '--include=dev', '--ignore-scripts', '--loglevel=error']);
    await runNpm(root, ['rebuild', 'node', '--ignore-scripts=false', '--loglevel=error']);
  }
  writeFileSync(stampFile, stamp);
}

/**
 * Whether `npm install` or `npm ci` was run directly. npm keeps what it has installed in a lock file of its own, which
 * it writes last, so an installation that was cut short does not count.
 */
function installedByHand(root, lock) {
  const hiddenLock = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(hiddenLock)) return false;
  const installed = JSON.parse(readFileSync(hiddenLock, 'utf8')).packages ?? {};
  return Object.entries(JSON.parse(lock.toString()).packages)
    .filter(([path, entry]) => path.startsWith('node_modules/') && !entry.optional && !entry.devOptional)
    .every(([path, entry]) => {
      const found = installed[path];
      return found && found.version === entry.version && found.integrity === entry.integrity;
    });
}
