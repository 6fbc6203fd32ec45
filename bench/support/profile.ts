import { formatTable, number } from './table.ts';

type CallFrame = { functionName: string; url: string; lineNumber: number };
type ProfileNode = { id: number; callFrame: CallFrame };
type Profile = { nodes: ProfileNode[]; samples: number[]; timeDeltas: number[] };

/** By where a function stands, the first that fits. */
const COMPONENTS: [string, RegExp][] = [
  ['idle', /^\(idle\)/],
  ['garbage collection', /^\(garbage collector\)/],
  ['V8 and system calls without a name', /^\((program|root)\)/],
  [
    'socket write',
    /^(writev|writeUtf8String|writeLatin1String|writeBuffer|writeGeneric|shutdown)\b|node_modules\/ws\/lib\/sender/,
  ],
  ['ws (reading)', /node_modules\/ws\//],
  ['graphql-ws', /node_modules\/graphql-ws\//],
  ['graphql and Pothos', /node_modules\/(graphql|@pothos|@graphql-\w+)\//],
  ['Prisma and pg', /node_modules\/(@prisma|pg|pg-\w+|postgres-\w+)\/|wasm:|src\/generated/],
  ['PGlite', /node_modules\/(@electric-sql|pglite-prisma-adapter)\//],
  ['model stream (src/adapters/models)', /src\/adapters\/models\//],
  ['event log (src/adapters/events, turn-log)', /src\/adapters\/events\/|src\/util\/turn-log/],
  ['transport (src/transport)', /src\/transport\//],
  ['chat service (src/services)', /src\//],
  ['relay', /bench\//],
  ['node: http', /node:(_http|internal\/http|http)/],
  ['node: net and streams', /node:(net|internal\/(stream|streams)|stream|internal\/net)/],
  ['node: timers, tasks, events, buffers', /node:/],
  ['other packages', /node_modules\//],
];
const TOP_FUNCTIONS = 25;

/** The time that functions have taken themselves, by component and one by one, per delivered token. */
export function formatProfile(result: unknown, tokens: number): string {
  const { nodes, samples, timeDeltas } = result as Profile;
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const components = new Map<string, number>();
  const functions = new Map<string, number>();
  let busy = 0;
  samples.forEach((id, index) => {
    const frame = frames.get(id);
    // V8 may give the first samples a time before the beginning.
    const microseconds = Math.max(0, timeDeltas[index] ?? 0);
    if (!frame) return;
    const place = `${frame.functionName || '(anonymous)'} ${shorten(frame.url)}${frame.url ? `:${frame.lineNumber + 1}` : ''}`;
    const component = componentOf(`${frame.functionName} ${frame.url}`);
    // The second one is the profile's own beginning.
    if (component === 'idle' || frame.url === 'node:inspector') return;
    busy += microseconds;
    components.set(component, (components.get(component) ?? 0) + microseconds);
    functions.set(place, (functions.get(place) ?? 0) + microseconds);
  });
  const rows = (times: Map<string, number>, most: number) =>
    [...times]
      .sort(([, a], [, b]) => b - a)
      .slice(0, most)
      .map(([name, time]) => [name, number(time / tokens, 2), `${number((time / busy) * 100, 1)} %`]);
  const head = (name: string) => [name, 'µs/token', 'share'];
  return [
    formatTable([head('component (self time)'), ...rows(components, COMPONENTS.length + 1)]),
    formatTable([head('function (self time)'), ...rows(functions, TOP_FUNCTIONS)]),
  ].join('\n\n');
}

function componentOf(place: string): string {
  return COMPONENTS.find(([, pattern]) => pattern.test(place))?.[0] ?? 'built-in functions';
}

function shorten(url: string): string {
  return url.replace(/^file:\/\/.*?\/(node_modules|src|bench|test)\//, '$1/');
}
