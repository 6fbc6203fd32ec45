import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { findNode, pathFolders } from './npm.mjs';

const required = 24;

/** Throws unless the Node that npm scripts get, which is the npm package `node`, can run the server. */
export function checkNodeVersion(root) {
  const node = findNode([join(root, 'node_modules', '.bin'), ...pathFolders()]);
  const version = node === undefined ? undefined : versionOf(node);
  if (version !== undefined && Number.parseInt(version, 10) >= required) return;
  throw new Error(
    `Node ${required} or newer is needed, but npm scripts get ${version ?? 'none'}. The npm package "node" brings it when its ` +
      'install script may run: try `npm rebuild node --ignore-scripts=false`, or install Node ' +
      `${required} on this machine.`,
  );
}

function versionOf(node) {
  if (realpathSync(node) === realpathSync(process.execPath)) return process.versions.node;
  try {
    return execFileSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}
