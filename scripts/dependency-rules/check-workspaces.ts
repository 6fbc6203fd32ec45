import type { SourceFile, Violation } from './source-file.ts';

/** The page and the SDK are published on their own: they know the server by its schema only. */
const WORKSPACES = ['frontend/', 'sdk/'];

export function checkWorkspace(file: SourceFile): Violation[] {
  const home = WORKSPACES.find((folder) => file.path.startsWith(folder));
  return file.imports.flatMap((found): Violation[] => {
    const outside = home !== undefined && found.target !== undefined && !found.target.startsWith(home);
    if (!outside || found.target === 'schema.graphql') return [];
    const message = `${home} does not import ${found.target}`;
    return [{ path: file.path, line: found.line, rule: 'workspaces', message }];
  });
}
