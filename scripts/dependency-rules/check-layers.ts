import type { Import } from './imports.ts';
import { DATABASE_ADAPTER, LAYERS, PACKAGES, PRISMA_ENUMS, PRISMA_VALUES, READS_ENVIRONMENT } from './layers.ts';
import { packageName, type SourceFile, type Violation } from './source-file.ts';

/** Holds a file of `src/` against its layer. */
export function checkLayer(file: SourceFile): Violation[] {
  const zone = zoneOf(file.path);
  const layer = LAYERS[zone];
  const report = (line: number, message: string): Violation => ({ path: file.path, line, rule: 'layers', message });
  if (!layer) return [report(1, `src/${zone} is in no layer: name it in scripts/dependency-rules/layers.ts`)];
  const violations: Violation[] = [];
  for (const found of file.imports) {
    const problem =
      found.target === undefined
        ? packageProblem(zone, found.specifier)
        : importProblem(file.path, found, found.target);
    if (problem) violations.push(report(found.line, problem));
  }
  if (!READS_ENVIRONMENT.some((path) => file.path.startsWith(path))) {
    for (const line of environmentLines(file.source)) {
      violations.push(
        report(line, 'only config.ts, main.ts and cli/ read the environment: take the setting as an argument'),
      );
    }
  }
  return violations;
}

function importProblem(from: string, found: Import, target: string): string | undefined {
  if (target === 'package.json') return undefined;
  if (!target.startsWith('src/')) return `src/ imports nothing of ${target.split('/')[0]}/`;
  const [zone, targetZone] = [zoneOf(from), zoneOf(target)];
  if (targetZone === 'generated' && from.startsWith(DATABASE_ADAPTER)) return undefined;
  const layer = LAYERS[zone];
  const onlyTypes = found.typeOnly || (targetZone === 'generated' && isPlainValue(found, target));
  if (zone === targetZone && layer?.siblings && folderOf(from) !== folderOf(target)) {
    if (layer.siblings === 'types' && onlyTypes) return undefined;
    return `${folderOf(from)} does not import ${folderOf(target)}: it takes what it needs as an argument, wired in app.ts`;
  }
  if (layer?.values.includes(targetZone)) return undefined;
  if (!layer?.types.includes(targetZone)) return `${zone} does not import ${targetZone}`;
  return onlyTypes ? undefined : `${zone} imports only types of ${targetZone}`;
}

/** Enums, and names that describe queries and failures: none of them reaches a database. */
function isPlainValue(found: Import, target: string): boolean {
  if (target === PRISMA_ENUMS) return true;
  return !found.dynamic && found.names.length > 0 && found.names.every((name) => PRISMA_VALUES.has(name));
}

function packageProblem(zone: string, specifier: string): string | undefined {
  // The composition root may hand over anything.
  if (zone === 'app' || zone === 'main') return undefined;
  const owner = PACKAGES.find(({ pattern }) => pattern.test(packageName(specifier)) || pattern.test(specifier));
  if (!owner || owner.zones.includes(zone)) return undefined;
  return `${packageName(specifier)} belongs in ${owner.zones.join(' and ')}`;
}

function environmentLines(source: string): number[] {
  return source.split('\n').flatMap((line, index) => {
    const code = line.replace(/^\s*(\/\/|\/?\*).*$/, '');
    return /\bprocess\.env\b|\benv\b.*\bfrom 'node:process'/.test(code) ? [index + 1] : [];
  });
}

function zoneOf(path: string): string {
  return (path.split('/')[1] ?? '').replace(/\.ts$/, '');
}

/** "services/chat" of "src/services/chat/run-turn.ts". */
function folderOf(path: string): string {
  return path.split('/').slice(1, 3).join('/');
}
