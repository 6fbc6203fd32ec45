import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { comparePrismaCode } from './prisma-code.mjs';
import { root, runProgram } from './run-program.mjs';

const nothing = { ok: true, output: '' };

/** Every check by its name, the slow ones first. `mend` says what to do when it fails. */
export const checks = {
  types: { run: checkTypes, mend: 'the types do not fit; mend the lines above' },
  migrations: {
    run: () => runProgram('node', migrationDiff),
    mend: 'prisma/schema.prisma and the migrations differ; write a migration: npm run db:migrate -- <what_it_does>',
  },
  prisma: { run: comparePrismaCode, mend: 'the code that Prisma and Pothos generate is old: npm run db:generate' },
  sdk: {
    run: async () =>
      existsSync(join(root, 'codegen.ts'))
        ? runProgram('graphql-codegen', ['--config', 'codegen.ts', '--check', '--silent'])
        : nothing,
    mend: 'the code that is generated from schema.graphql is old: npm run codegen',
  },
  schema: {
    run: () => runProgram('node', ['scripts/print-schema.mjs', '--check']),
    mend: 'schema.graphql is old: npm run schema:print',
  },
  style: {
    run: () => runProgram('biome', ['ci', '--colors=off', '--diagnostic-level=warn']),
    mend: 'npm run format mends most of it',
  },
  imports: {
    run: () => runProgram('node', ['scripts/check-imports.ts']),
    mend: 'the rules are in CONTRIBUTING.md, the layers in scripts/dependency-rules/layers.ts',
  },
};

const migrationDiff = [
  'scripts/prisma.mjs',
  ...[
    'migrate',
    'diff',
    '--from-migrations',
    'prisma/migrations',
    '--to-schema',
    'prisma/schema.prisma',
    '--exit-code',
  ],
];

/** The server first, then every workspace that has a project of its own. */
async function checkTypes() {
  const projects = ['.', 'sdk', 'frontend'].filter((folder) => existsSync(join(root, folder, 'tsconfig.json')));
  const results = [];
  for (const project of projects) results.push(await runProgram('tsc', ['--noEmit', '-p', project]));
  return { ok: results.every((result) => result.ok), output: results.map((result) => result.output).join('') };
}
