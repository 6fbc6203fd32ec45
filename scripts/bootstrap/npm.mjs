import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join, sep } from 'node:path';

const nodeName = process.platform === 'win32' ? 'node.exe' : 'node';

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The first `node` of a list of folders. */
export function findNode(folders) {
  return folders.map((folder) => join(folder, nodeName)).find(isExecutable);
}

export function pathFolders() {
  return (process.env.PATH ?? '').split(delimiter).filter(Boolean);
}

/**
 * Runs npm in the repository and rejects with the end of its output when it fails.
 * npm gets the machine's own Node: the one in node_modules disappears while npm works there.
 */
export function runNpm(root, npmArguments) {
  const outside = pathFolders().filter((folder) => !folder.startsWith(join(root, 'node_modules') + sep));
  const node = findNode(outside) ?? process.execPath;
  const cli = process.env.npm_execpath;
  const known = cli !== undefined && /npm-cli\.c?js$/.test(cli);
  const [command, args] = known ? [node, [cli, ...npmArguments]] : ['npm', npmArguments];
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, PATH: outside.join(delimiter) },
      shell: !known && process.platform === 'win32',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const keep = (chunk) => {
      output = (output + chunk).slice(-8_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => reject(new Error(`npm cannot be run (${error.message}). Is it installed?`)));
    child.on('close', (code, signal) => {
      if (code === 0) return resolve();
      process.stderr.write(output);
      reject(
        new Error(`npm ${npmArguments.join(' ')} failed (${signal ?? `exit code ${code}`}); its output is above.`),
      );
    });
  });
}
