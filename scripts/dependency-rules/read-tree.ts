import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDERS = ['src', 'sdk', 'frontend', 'prisma', 'scripts', 'test', 'bench', 'examples'];
const LEFT_OUT = new Set(['node_modules', 'dist']);
const SOURCE = /\.(ts|tsx|mts|js|mjs)$/;

/** Every source file of the repository at `root`: path → text. */
export function readTree(root: string): Record<string, string> {
  const tree: Record<string, string> = {};
  const visit = (folder: string) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory() && !LEFT_OUT.has(entry.name)) visit(path);
      else if (entry.isFile() && SOURCE.test(entry.name)) tree[path] = readFileSync(join(root, path), 'utf8');
    }
  };
  for (const entry of readdirSync(root)) if (FOLDERS.includes(entry)) visit(entry);
  return tree;
}
