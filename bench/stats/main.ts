// What each figure of `stats` costs, for a user who has a million messages. `--help` says what can be chosen.
import { parseArgs } from 'node:util';
import { startPostgres } from '../../test/support/services/postgres.ts';
import { createDatabase, fill } from '../queries/library.ts';
import { closeConnections, post } from '../queries/post.ts';
import { type Closer, runAndClose } from '../support/closer.ts';
import { startColloquy } from '../support/colloquy.ts';
import { describeMachine, takeCores } from '../support/cores.ts';
import { median, quantile, sorted } from '../support/statistics.ts';
import { formatTable, number } from '../support/table.ts';
import { FIELDS, type MeasuredField, NOTHING } from './fields.ts';
import { seedUsage } from './seed.ts';

const USAGE = `npm run bench:stats -- [options]
  --engine postgresql|pglite   the database (postgresql, which is started for it)
  --conversations 10000
  --messages 100               in each of them
  --runs 21                    of each figure; medians are printed`;

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'postgresql' },
    conversations: { type: 'string', default: '10000' },
    messages: { type: 'string', default: '100' },
    runs: { type: 'string', default: '21' },
    help: { type: 'boolean', default: false },
  },
});
const bounded = (text: string, most: number) => Math.min(most, Math.max(1, Math.floor(Number(text) || 1)));
const WARM_UP = 3;

async function main({ started }: Closer): Promise<void> {
  if (values.help) return console.log(USAGE);
  const engine = values.engine === 'pglite' ? 'pglite' : 'postgresql';
  const conversations = bounded(values.conversations, 1_000_000);
  const messagesEach = 2 * Math.ceil(bounded(values.messages, 10_000) / 2);
  const runs = bounded(values.runs, 1_000);
  const cores = takeCores();
  const postgres = engine === 'postgresql' ? await started(startPostgres()) : null;
  const databaseUrl = postgres ? await createDatabase(postgres.url) : undefined;
  const imports = [new URL('../queries/record-sql.ts', import.meta.url).pathname];
  const server = await started(startColloquy({ databaseUrl, core: cores?.measured, imports }));
  const { id, token } = await server.register();
  const userId = Buffer.from(id, 'base64url').toString('utf8').split(':')[1] ?? '';
  await fill(databaseUrl, server, (execute) => seedUsage(execute, { userId, conversations, messagesEach }));

  console.log(`${describeMachine(cores)}\nDatabase: ${engine}. ${new Date().toISOString().slice(0, 10)}.`);
  console.log(
    `${number(conversations * messagesEach)} messages in ${number(conversations)} conversations, medians of ${runs}.`,
  );
  const ask = ({ query }: MeasuredField) => post(`${server.url}/graphql`, JSON.stringify({ query }), token);
  const fields = [NOTHING, ...FIELDS];
  const times = fields.map((): number[] => []);
  for (const field of fields) for (let count = 0; count < WARM_UP; count += 1) await ask(field);
  // In turn, so that what else the machine does falls on all of them.
  for (let run = 0; run < runs; run += 1) {
    for (const [index, field] of fields.entries()) {
      const begun = performance.now();
      await ask(field);
      times[index]?.push(performance.now() - begun);
    }
  }
  closeConnections();
  const rows = fields.map(({ name }, index) => {
    const taken = times[index] ?? [];
    return [name, number(median(taken), 1), number(quantile(sorted(taken), 0.9), 1)];
  });
  console.log(formatTable([['', 'p50 (ms)', 'p90 (ms)'], ...rows]));
}

await runAndClose(main);
