// Loaded with `--import` into the server: writes down the SQL that reaches the database's driver, on request, and runs
// SQL on the embedded database, which nobody else can open meanwhile.
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';

export type Statement = { text: string; values: unknown[] };
export type RecordQuestion = { record?: 'start' | 'stop'; execute?: string; id: number };

type Query = (this: object, ...parameters: unknown[]) => unknown;

let statements: Statement[] | null = null;
let embedded: PGlite | null = null;

function note(query: unknown, values: unknown): void {
  if (typeof query === 'string') statements?.push({ text: query, values: Array.isArray(values) ? values : [] });
  else if (typeof query === 'object' && query !== null) {
    const { text, values: given } = query as { text?: unknown; values?: unknown };
    note(text, given ?? values);
  }
}

/** Replaces a method with one that writes down what it is given. */
function watch(prototype: object, name: string): void {
  const holder = prototype as Record<string, Query>;
  const original = holder[name];
  if (!original) throw new Error(`There is no method ${name} whose statements could be counted.`);
  holder[name] = function (...parameters) {
    note(parameters[0], parameters[1]);
    if (this instanceof PGlite) embedded = this;
    return original.apply(this, parameters);
  };
}

watch(pg.Client.prototype, 'query');
watch(PGlite.prototype, 'query');

process.on('message', async ({ record, execute, id }: RecordQuestion) => {
  if (execute !== undefined) {
    const failure = await embedded?.exec(execute).then(() => null, String);
    process.send?.(failure === null ? { id, answer: null } : { id, error: failure ?? 'No database is open.' });
  }
  if (record === 'start') statements = [];
  if (record === 'start' || record === 'stop') process.send?.({ id, answer: statements });
  if (record === 'stop') statements = null;
});
process.channel?.unref();
