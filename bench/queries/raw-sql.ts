// A reference: the same SQL with the same parameters, straight to the driver, from a process of its own.
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { type LoadFigures, load } from './load.ts';
import type { Statement } from './record-sql.ts';

export type RawQuestion = { raw: 'run'; statements: Statement[]; callers: number; durationMs: number };

const [target = ''] = process.argv.slice(2);
const query = await connect(target);

async function connect(address: string): Promise<(statement: Statement) => Promise<unknown>> {
  if (address.startsWith('postgres')) {
    const pool = new pg.Pool({ connectionString: address, max: 10 });
    return ({ text, values }) => pool.query({ text, values, rowMode: 'array' });
  }
  const pglite = await PGlite.create(address);
  return ({ text, values }) => pglite.query(text, values, { rowMode: 'array' });
}

process.on('message', async ({ raw, id, ...question }: RawQuestion & { id: number }) => {
  if (raw !== 'run') return;
  const { statements, callers, durationMs } = question;
  try {
    const once = async () => {
      for (const statement of statements) await query(statement);
    };
    process.send?.({ id, answer: (await load(once, { callers, durationMs })) satisfies LoadFigures });
  } catch (error) {
    process.send?.({ id, error: String(error) });
  }
});
process.channel?.ref();
console.log('ready');
