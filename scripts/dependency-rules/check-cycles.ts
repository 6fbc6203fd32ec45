import type { SourceFile, Violation } from './source-file.ts';

/** One violation per knot of files that import each other. Types count: they too make two files one. */
export function checkCycles(files: SourceFile[]): Violation[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const trail: string[] = [];
  const violations: Violation[] = [];

  const visit = (path: string) => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      const message = `imports itself: ${[...trail.slice(start), path].join(' → ')}`;
      violations.push({ path, line: 1, rule: 'cycles', message });
      return;
    }
    const file = byPath.get(path);
    if (!file || done.has(path)) return;
    trail.push(path);
    for (const { target } of file.imports) if (target !== undefined) visit(target);
    trail.pop();
    done.add(path);
  };

  for (const file of files) visit(file.path);
  return violations;
}
