import { checkCycles } from './check-cycles.ts';
import { checkFile } from './check-files.ts';
import { checkLayer } from './check-layers.ts';
import { checkWorkspace } from './check-workspaces.ts';
import { parseSourceFile, type Violation } from './source-file.ts';

const isGenerated = (path: string) => path.split('/').includes('generated');

/** Holds a tree of source files (path → text) against the rules of the house. */
export function checkTree(tree: Record<string, string>): Violation[] {
  const files = Object.entries(tree).map(([path, source]) => parseSourceFile(path, source));
  const written = files.filter((file) => !isGenerated(file.path));
  return [
    ...written.filter((file) => file.path.startsWith('src/')).flatMap(checkLayer),
    ...written.flatMap(checkWorkspace),
    ...checkCycles(written),
    ...written.flatMap(checkFile),
  ];
}

export function formatViolation({ path, line, rule, message }: Violation): string {
  return `${path}:${line} ${rule}: ${message}`;
}
