// `npm run schema:print` writes schema.graphql as the server serves it; with --check it only compares.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { schema } from '../src/graphql/schema.ts';

const file = join(dirname(import.meta.dirname), 'schema.graphql');
const printed = `${printSchema(lexicographicSortSchema(schema))}\n`;
const committed = existsSync(file) ? readFileSync(file, 'utf8') : '';

if (!process.argv.includes('--check')) {
  writeFileSync(file, printed);
} else if (committed !== printed) {
  const [was, is] = [committed.split('\n'), printed.split('\n')];
  const longer = was.length > is.length ? was : is;
  const line = longer.findIndex((_, index) => is[index] !== was[index]);
  console.error(`schema.graphql:${line + 1} differs: "${was[line] ?? ''}" should be "${is[line] ?? ''}"`);
  process.exitCode = 1;
}
process.exit();
