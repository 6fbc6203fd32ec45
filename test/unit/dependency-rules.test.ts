import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { checkTree, formatViolation } from '../../scripts/dependency-rules/check-tree.ts';
import { isBarrel, readImports } from '../../scripts/dependency-rules/imports.ts';
import { readTree } from '../../scripts/dependency-rules/read-tree.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const check = (tree: Record<string, string>) => checkTree(tree).map(formatViolation);

test('the repository keeps the rules', () => {
  const tree = readTree(root);
  expect(Object.keys(tree)).toContain('src/errors.ts');
  expect(check(tree)).toEqual([]);
});

describe('what is refused', () => {
  test.each([
    ['src/services/chat/a.ts', "import { b } from '../../adapters/db/b.ts';", 'services does not import adapters'],
    ['src/services/chat/a.ts', "import type { B } from '../../graphql/b.ts';", 'services does not import graphql'],
    ['src/services/chat/a.ts', "import { b } from '../keys/b.ts';", 'services/chat does not import services/keys'],
    ['src/services/chat/a.ts', "import OpenAI from 'openai';", 'openai belongs in adapters'],
    [
      'src/services/chat/a.ts',
      "const { PGlite } = await import('@electric-sql/pglite');",
      '@electric-sql/pglite belongs',
    ],
    [
      'src/services/chat/a.ts',
      "import { PrismaClient } from '../../generated/prisma/client.ts';",
      'only types of generated',
    ],
    [
      'src/services/chat/a.ts',
      'const port = process.env.PORT;',
      'only config.ts, main.ts and cli/ read the environment',
    ],
    ['src/services/chat/a.ts', "import { config } from '../../config.ts';", 'services does not import config'],
    ['src/transport/a.ts', "import { b } from '../adapters/cache/b.ts';", 'transport does not import adapters'],
    ['src/transport/a.ts', "import { b } from '../services/chat/b.ts';", 'transport imports only types of services'],
    ['src/graphql/types/a.ts', "import { b } from '../../transport/b.ts';", 'graphql does not import transport'],
    ['src/graphql/types/a.ts', "import pg from 'pg';", 'pg belongs in adapters'],
    ['src/adapters/cache/a.ts', "import type { B } from '../bus/b.ts';", 'adapters/cache does not import adapters/bus'],
    [
      'src/adapters/cache/a.ts',
      "import type { B } from '../../services/chat/b.ts';",
      'adapters does not import services',
    ],
    [
      'src/adapters/cache/a.ts',
      "import type { B } from '../../generated/prisma/client.ts';",
      'adapters does not import generated',
    ],
    ['src/ports/a.ts', "import type { B } from '../services/chat/b.ts';", 'ports does not import services'],
    ['src/util/a.ts', "import { b } from '../services/chat/b.ts';", 'util does not import services'],
    ['src/cli/a.ts', "import type { B } from '../services/chat/b.ts';", 'cli does not import services'],
    ['src/transport/a.ts', "import { createApp } from '../app.ts';", 'transport does not import app'],
    ['src/app.ts', "import './main.ts';", 'app does not import main'],
    ['src/app.ts', "import { b } from '../test/b.ts';", 'src/ imports nothing of test/'],
    ['src/transport/a.ts', "import { createClient } from '@colloquy/sdk';", '@colloquy/sdk belongs in cli'],
    ['src/helpers/a.ts', 'export const a = 1;', 'src/helpers is in no layer'],
    ['frontend/src/a.ts', "import type { B } from '../../src/b.ts';", 'frontend/ does not import src/b.ts'],
    ['sdk/src/a.ts', "import { b } from '../../src/b.ts';", 'sdk/ does not import src/b.ts'],
    ['src/util/index.ts', "export * from './a.ts';\nexport { b } from './b.ts';", 'only passes on'],
    ['src/util/bigThing.ts', 'export const a = 1;', 'bigThing.ts is not in kebab-case'],
    ['src/util/long.ts', 'export const a = 1;\n'.repeat(401), '401 lines'],
  ])('in %s', (path, source, message) => {
    expect(check({ [path]: source })).toEqual([expect.stringContaining(message)]);
  });

  test('files that import each other, types included', () => {
    const tree = {
      'src/util/a.ts': "import { b } from './b.ts';",
      'src/util/b.ts': "import type { C } from './c.ts';",
      'src/util/c.ts': "import { a } from './a.ts';",
    };
    expect(check(tree)).toEqual([
      'src/util/a.ts:1 cycles: imports itself: src/util/a.ts → src/util/b.ts → src/util/c.ts → src/util/a.ts',
    ]);
  });
});

test.each([
  ['src/app.ts', "import { b } from './adapters/db/b.ts';\nimport pg from 'pg';"],
  ['src/config.ts', 'export const port = process.env.PORT;'],
  ['src/services/chat/a.ts', '// process.env is read in config.ts only\nexport const a = 1;'],
  ['src/services/chat/a.ts', "import { Prisma, type PrismaClient } from '../../generated/prisma/client.ts';"],
  ['src/services/chat/a.ts', "import { Role } from '../../generated/prisma/enums.ts';"],
  ['src/services/chat/a.ts', "import type { Viewer } from '../accounts/viewer.ts';"],
  ['src/adapters/db/a.ts', "import { PrismaClient } from '../../generated/prisma/client.ts';"],
  ['src/cli/a.ts', "import { createClient } from '@colloquy/sdk';"],
  ['src/generated/prisma/BIG.ts', "import openai from 'openai';\n".repeat(500)],
  ['sdk/src/index.ts', "export { createClient } from './client.ts';"],
])('what %s may do', (path, source) => {
  expect(check({ [path]: source })).toEqual([]);
});

test('reads every form of import', () => {
  const source = `import a, { b as c, type D } from 'one';
import type { E } from './two.ts';
import {
  f,
  g,
} from './three.ts';
import './four.ts';
export * from './five.ts';
export type { H } from './six.ts';
export const from = 'seven';
// import('./eight.ts')
const nine = await import('./nine.ts');
`;
  const found = readImports(source).map(({ specifier, line, typeOnly, names }) => [specifier, line, typeOnly, names]);
  expect(found).toEqual([
    ['one', 1, false, ['a', 'b']],
    ['./two.ts', 2, true, ['E']],
    ['./three.ts', 3, false, ['f', 'g']],
    ['./four.ts', 7, false, []],
    ['./five.ts', 8, false, ['*']],
    ['./six.ts', 9, true, ['H']],
    ['./nine.ts', 12, false, []],
  ]);
});

test('tells a barrel from a file with something of its own', () => {
  expect(isBarrel("/** All. */\nexport * from './a.ts';\n")).toBe(true);
  expect(isBarrel("import './a.ts';\nexport const b = 1;\n")).toBe(false);
  expect(isBarrel("export { a } from './a.ts';\nexport const b = 1;\n")).toBe(false);
});
