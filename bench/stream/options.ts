import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Engine } from './laboratory.ts';
import { LEAN_DOCUMENT } from './protocol.ts';
import type { Scenario } from './scenario.ts';

export type StreamOptions = {
  engine: Engine;
  runs: number;
  accounts: number;
  document: string;
  /** Only this scenario, instead of the three. */
  scenario: Scenario | null;
  parts: Set<Part>;
  profile: string | null;
  root: string | undefined;
};

const PARTS = ['turns', 'memory', 'ramp'] as const;
export type Part = (typeof PARTS)[number];

export const USAGE = `npm run bench:stream -- [options]
  --engine postgresql|pglite   the database of the server (postgresql, which is started for it)
  --runs 3                     how often each scenario runs; medians are printed
  --only turns,memory,ramp     some of the parts
  --turns 100 --rate 40 --tokens 200 --ramp 1000
                               one scenario of your own: turns at once, tokens per second and in all of each,
                               milliseconds over which they start
  --accounts 5                 the turns are spread over so many accounts
  --document lean|sdk          what a client asks for: what a page needs, or all that the SDK asks for
  --profile folder             also writes a CPU profile of the server for each scenario there
  --root folder                measure another copy of the repository`;

/** Reads the command line. Null: help was asked for. Throws for what it does not know. */
export function readOptions(args: string[]): StreamOptions | null {
  const { values } = parseArgs({
    args,
    options: {
      engine: { type: 'string', default: 'postgresql' },
      runs: { type: 'string', default: '3' },
      only: { type: 'string', default: PARTS.join(',') },
      turns: { type: 'string' },
      rate: { type: 'string', default: '40' },
      tokens: { type: 'string', default: '200' },
      ramp: { type: 'string', default: '1000' },
      accounts: { type: 'string', default: '5' },
      document: { type: 'string', default: 'lean' },
      profile: { type: 'string' },
      root: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const { engine } = values;
  if (engine !== 'postgresql' && engine !== 'pglite') throw new Error(`--engine ${engine} is not known.`);
  const scenario = values.turns
    ? {
        turns: whole('turns', values.turns, 2_000),
        rate: whole('rate', values.rate, 10_000),
        tokens: whole('tokens', values.tokens, 50_000),
        rampMs: whole('ramp', values.ramp, 60_000, 0),
      }
    : null;
  return {
    engine,
    runs: whole('runs', values.runs, 20),
    accounts: whole('accounts', values.accounts, 50),
    document: readDocument(values.document),
    scenario,
    parts: scenario ? new Set(['turns']) : new Set(values.only.split(',').map(part)),
    profile: values.profile ?? null,
    root: values.root,
  };
}

function whole(name: string, text: string, most: number, least = 1): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Error(`--${name} is a whole number between ${least} and ${most}.`);
}

function part(name: string): Part {
  const found = PARTS.find((candidate) => candidate === name);
  if (!found) throw new Error(`--only takes ${PARTS.join(', ')}.`);
  return found;
}

function readDocument(name: string): string {
  if (name === 'lean') return LEAN_DOCUMENT;
  const folder = fileURLToPath(new URL('../../sdk/src/operations/', import.meta.url));
  if (name !== 'sdk' || !existsSync(folder)) throw new Error('--document is lean or sdk.');
  return sdkDocument(
    readFileSync(`${folder}fragments.graphql`, 'utf8'),
    readFileSync(`${folder}turns.graphql`, 'utf8'),
  );
}

/** The subscription and the fragments that it needs: what nobody uses would be refused. */
function sdkDocument(fragments: string, turns: string): string {
  const known = new Map(
    [...fragments.matchAll(/^fragment (\w+) [\s\S]*?^}/gm)].map(([text, name]) => [name ?? '', text]),
  );
  const taken = new Map<string, string>();
  const take = (text: string) => {
    for (const [, name = ''] of text.matchAll(/\.\.\.(\w+)/g)) {
      const fragment = known.get(name);
      if (!fragment || taken.has(name)) continue;
      taken.set(name, fragment);
      take(fragment);
    }
  };
  const subscription = /^subscription Chat\([\s\S]*?^}/m.exec(turns)?.[0];
  if (!subscription) throw new Error('The SDK has no subscription Chat.');
  take(subscription);
  return [subscription, ...taken.values()].join('\n');
}
