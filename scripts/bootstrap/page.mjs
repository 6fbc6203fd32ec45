import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runNpm } from './npm.mjs';

/** Builds the web page when its sources have changed since the last time. Does nothing where there is no frontend. */
export async function buildPage(root) {
  if (!existsSync(join(root, 'frontend', 'vite.config.ts'))) return;
  const stampFile = join(root, 'node_modules', '.colloquy-page');
  const stamp = hashSources(root);
  const built = existsSync(join(root, 'frontend', 'dist', 'index.html'));
  if (built && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  console.error('Building the page …');
  await runNpm(root, ['run', 'build', '-w', 'frontend', '--loglevel=error']);
  writeFileSync(stampFile, stamp);
}

function hashSources(root) {
  const hash = createHash('sha256');
  const add = (path) => {
    if (existsSync(join(root, path))) hash.update(`${path}\n`).update(readFileSync(join(root, path)));
  };
  const addFolder = (folder) => {
    const entries = readdirSync(join(root, folder), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = `${folder}/${entry.name}`;
      if (!entry.isDirectory()) add(path);
      else if (entry.name !== 'dist' && entry.name !== 'node_modules') addFolder(path);
    }
  };
  addFolder('frontend');
  if (existsSync(join(root, 'sdk', 'src'))) addFolder('sdk/src');
  add('package-lock.json');
  add('schema.graphql');
  return hash.digest('hex');
}
