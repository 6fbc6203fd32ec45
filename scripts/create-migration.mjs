// `npm run db:migrate -- <name>`: writes the migration that leads from prisma/migrations to prisma/schema.prisma, and
// generates the code for it. Asks nothing and needs no database; the server applies it at its next start.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { startPrisma } from './prisma.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const migrations = join(root, 'prisma', 'migrations');
const schema = join(root, 'prisma', 'schema.prisma');

const name = (process.argv.slice(2).find((word) => word !== '--name') ?? '').replace(/^--name=/, '');
if (!/^[a-z0-9]+(_[a-z0-9]+)*$/.test(name)) fail('say what it does: npm run db:migrate -- add_ratings');

const sql = await diff();
if (!/^[A-Z]/m.test(sql)) fail('the migrations and prisma/schema.prisma agree: there is nothing to write');

const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
const file = join('prisma', 'migrations', `${stamp}_${name}`, 'migration.sql');
mkdirSync(dirname(join(root, file)));
writeFileSync(join(root, file), sql);
console.log(`${file} is written. Read it before you commit it.`);

// Prisma compares shapes, not data: these may fail on, or lose, rows that exist.
const risky = sql.match(
  /^.*(\bDROP (TABLE|COLUMN|VALUE)\b|\bSET DATA TYPE\b|\bSET NOT NULL\b|ADD COLUMN.* NOT NULL(?!.*DEFAULT)).*$/gm,
);
for (const line of risky ?? []) console.log(`  look at what becomes of existing rows: ${line.trim()}`);

const generate = startPrisma(['generate', '--no-hints'], ['ignore', 'ignore', 'inherit']);
generate.on('close', (code) => process.exit(code ?? 1));

async function diff() {
  const words = ['migrate', 'diff', '--from-migrations', migrations, '--to-schema', schema, '--script'];
  const child = startPrisma(words, ['ignore', 'pipe', 'pipe']);
  const [output, errors, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise((resolve) => child.on('close', resolve)),
  ]);
  if (code !== 0) fail(errors.trim());
  return `${output.trim()}\n`;
}

function fail(message) {
  console.error(`db:migrate: ${message}`);
  process.exit(1);
}
