import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, runProgram } from './run-program.mjs';

/** Generates Prisma's and Pothos' code beside a copy of the schema and compares it with what is committed. */
export async function comparePrismaCode() {
  const folder = mkdtempSync(join(tmpdir(), 'colloquy-generate-'));
  try {
    // The generators write to paths that are relative to the schema.
    mkdirSync(join(folder, 'prisma'));
    const schema = join(folder, 'prisma', 'schema.prisma');
    copyFileSync(join(root, 'prisma', 'schema.prisma'), schema);
    const generated = await runProgram('node', ['scripts/prisma.mjs', 'generate', '--no-hints', '--schema', schema]);
    if (!generated.ok) return generated;
    const differing = compareFolders(join(root, 'src', 'generated'), join(folder, 'src', 'generated'));
    return { ok: differing.length === 0, output: differing.map((path) => `src/generated/${path} differs`).join('\n') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function compareFolders(committed, fresh) {
  const paths = new Set([...filesOf(committed), ...filesOf(fresh)]);
  return [...paths].filter((path) => textOf(join(committed, path)) !== textOf(join(fresh, path)));
}

function filesOf(folder) {
  return readdirSync(folder, { recursive: true }).filter((path) => statSync(join(folder, path)).isFile());
}

function textOf(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
