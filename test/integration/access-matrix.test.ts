import type { ExecutionResult } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TYPE_PATHS } from '../support/access/paths.ts';
import { ROOT_CASES, type RootCase } from '../support/access/roots.ts';
import { type AccessWorld, ASKERS, type Asker, createAccessWorld, type Owner } from '../support/access/world.ts';
import { codeOf } from '../support/errors.ts';
import { objectFields, rootFields, selectionOf } from '../support/schema-walk.ts';
import type { Data } from '../support/server.ts';

type Row = { field: string; cells: Record<Asker, string> };

const OWNERS: Owner[] = ['user', 'key'];

let world: AccessWorld;
beforeAll(async () => {
  world = await createAccessWorld();
});
afterAll(() => world.close());

test('every field of the schema is for exactly those whom the table names', { timeout: 300_000 }, async () => {
  const rows = [...(await rowsOfRoots()), ...(await rowsOfObjects())];
  await expect(asTable(rows)).toMatchFileSnapshot('../../docs/access.md');
});

test('every type and every root field is in the table', () => {
  const cases = new Set(Object.keys(ROOT_CASES).map((name) => name.split(' ')[0]));
  const roots = rootFields().map(({ typeName, name }) => `${typeName}.${name}`);
  expect([...cases].sort()).toEqual(roots.sort());
  expect(Object.keys(TYPE_PATHS).sort()).toEqual([...new Set(objectFields().map(({ typeName }) => typeName))].sort());
});

async function rowsOfRoots(): Promise<Row[]> {
  const rows: Row[] = [];
  const cases = Object.entries(ROOT_CASES);
  for (const [name, rootCase] of cases) {
    for (const owner of rootCase.owned ? OWNERS : (['user'] as const)) {
      const cells: Partial<Row['cells']> = {};
      // One after another: some of them change what the others ask for.
      for (const asker of ASKERS) cells[asker] = await ofRoot(rootCase, owner, asker);
      rows.push({ field: rootCase.owned ? `${name} of a ${owner}` : name, cells: cells as Row['cells'] });
    }
  }
  return rows;
}

async function ofRoot(rootCase: RootCase, owner: Owner, asker: Asker): Promise<string> {
  const things = world.things[owner];
  const about = { world, things, owner, asker };
  if (rootCase.run) return rootCase.run(rootCase.document, about);
  const variables = await rootCase.variables?.(about);
  const result = await world.ask(asker, rootCase.document, variables ?? {});
  const code = codeOf(result);
  if (code) return code;
  const answer = Object.values(result.data ?? {})[0];
  if (answer === null || answer === undefined) return 'nothing';
  const shown = rootCase.shows?.(things);
  if (shown !== undefined && !JSON.stringify(answer).includes(shown)) return 'not it';
  return 'yes';
}

async function rowsOfObjects(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { typeName, name } of objectFields()) {
    const path = TYPE_PATHS[typeName];
    if (!path) continue;
    const document = path.document(`reached: __typename ${selectionOf(typeName, name)}`);
    for (const owner of path.owned ? OWNERS : (['user'] as const)) {
      const variables = path.variables?.({ world, things: world.things[owner] }) ?? {};
      const cells = await Promise.all(
        ASKERS.map(async (asker) => {
          const { ask, askWithFile } = world;
          const result = await (path.withFile ? askWithFile(asker, document) : ask(asker, document, variables));
          return [asker, ofObject(typeName, result)] as const;
        }),
      );
      const field = `${typeName}.${name}`;
      rows.push({
        field: path.owned ? `${field} of a ${owner}` : field,
        cells: Object.fromEntries(cells) as Row['cells'],
      });
    }
  }
  return rows;
}

function ofObject(typeName: string, result: ExecutionResult<Data>): string {
  return codeOf(result) ?? (JSON.stringify(result.data).includes(`"reached":"${typeName}"`) ? 'yes' : 'nothing');
}

/** What the cells say, for those who read the table. */
const HEAD = `# Who may see what

Every field of the graph, asked for by everybody: somebody without credentials, a user, another one, an API key, another
one, and an admin. Things are a user's (the first one) or a key's (the first one), which chats with a collection that the
admin has made for it. \`npm test\` asks anew and compares.

- \`yes\`: it is answered. \`-\`: null, as for what does not exist. \`not it\`: answered with the asker's own, without what
  it was asked of.
- Otherwise the error code.
`;

function asTable(rows: Row[]): string {
  const cell = (text: string) => (text === 'nothing' ? '-' : text);
  const lines = rows.map(({ field, cells }) => [field, ...ASKERS.map((asker) => cell(cells[asker]))]);
  const table = [['field', ...ASKERS], ['', ...ASKERS].map(() => '---'), ...lines];
  return `${HEAD}\n${table.map((line) => `| ${line.join(' | ')} |`).join('\n')}\n`;
}
