import { posix } from 'node:path';
import { type Import, readImports } from './imports.ts';

/** `target` is the path of a file of the repository; packages have none. */
export type ResolvedImport = Import & { target: string | undefined };
/** Paths are relative to the repository, with slashes. */
export type SourceFile = { path: string; source: string; imports: ResolvedImport[] };
export type Violation = { path: string; line: number; rule: string; message: string };

export function parseSourceFile(path: string, source: string): SourceFile {
  const imports = readImports(source).map((found) => ({ ...found, target: resolve(path, found.specifier) }));
  return { path, source, imports };
}

function resolve(path: string, specifier: string): string | undefined {
  return specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : undefined;
}

/** "@scope/name" of "@scope/name/deep/file". */
export function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
