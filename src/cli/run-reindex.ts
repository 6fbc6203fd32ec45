import { parseArgs } from 'node:util';
import type { ReindexSession } from '../app/reindex-session.ts';
import { AppError, badInput } from '../errors.ts';
import type { Delay } from '../util/delay.ts';
import { isUuid } from '../util/ids.ts';
import { plainText } from './plain-text.ts';

export const REINDEX_USAGE = `Reads files anew, for the embedding model and the settings of now.

  npm run reindex -- [--all] [--collection ID] [--work] [--no-wait]

  --all             every file; default: those that were embedded with another model than EMBEDDING_MODEL, or not at all
  --collection ID   only the files of this collection
  --work            with DATABASE_URL: this process reads files as well. FILES_DIR has to be the servers' own
  --no-wait         ends once the files wait to be read

Each file stays searchable as it is until it has been read. Without DATABASE_URL no server may be running on DATA_DIR: an
admin can ask one that does with the mutation reindex.
`;

export type ReindexArguments = { all: boolean; collectionId: string | null; work: boolean; wait: boolean };

/** Null: the person wants to know how it is called. Throws AppError for what nobody can understand. */
export function readReindexArguments(words: string[]): ReindexArguments | null {
  const values = parse(words);
  if (values.help) return null;
  return {
    all: values.all,
    collectionId: values.collection === undefined ? null : collectionIdOf(values.collection),
    work: values.work,
    wait: !values['no-wait'],
  };
}

function parse(words: string[]) {
  try {
    return parseArgs({
      args: words,
      options: {
        all: { type: 'boolean', default: false },
        collection: { type: 'string' },
        work: { type: 'boolean', default: false },
        'no-wait': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('.')[0] : String(cause);
    throw new AppError({ code: 'BAD_USER_INPUT', message: `${reason}.\n\n${REINDEX_USAGE}`, cause });
  }
}

/** As the graph shows it, or as the database has it. */
function collectionIdOf(text: string): string {
  if (isUuid(text)) return text;
  const [type, id] = Buffer.from(text, 'base64url').toString('utf8').split(':');
  if (type === 'Collection' && isUuid(id)) return id;
  throw badInput({ collection: `"${text}" is no collection's id.` });
}

export type RunReindex = ReindexArguments & {
  open: (options: { work: boolean }) => Promise<ReindexSession>;
  write: (text: string) => void;
  delay: Delay;
  /** Aborts when the person does not want to wait any longer. */
  signal: AbortSignal;
};

const ASK_EVERY_MS = 500;
const TELL_EVERY = 10;

/** Returns the exit code. Throws AppError where the database cannot be had. */
export async function runReindex(run: RunReindex): Promise<number> {
  const { write, signal } = run;
  const session = await run.open({ work: run.work }).catch((error: unknown) => {
    throw explained(error);
  });
  try {
    const ordered = await session.order(run);
    if (ordered === 0 && (await session.left()) === 0) {
      write('There is nothing to read anew.\n');
      return 0;
    }
    write(`${files(ordered)} to be read anew.\n`);
    if (!run.wait) return 0;
    if (!session.works && (await session.servers()) === 0) {
      write('No server is running that could do it. It is done once one is; or add --work.\n');
      return 0;
    }
    await follow(session, run);
    const failures = await session.failures();
    for (const { name, error } of failures) write(`Could not be read: ${plainText(name)}: ${plainText(error)}\n`);
    if (signal.aborted) write('What is left is done once a server runs.\n');
    else if (failures.length === 0) write('All have been read.\n');
    return failures.length > 0 ? 1 : 0;
  } finally {
    await session.close();
  }
}

async function follow(session: ReindexSession, { write, delay, signal }: RunReindex): Promise<void> {
  let told = -1;
  for (let round = 0; !signal.aborted; round++) {
    const left = await session.left();
    if (left === 0) return;
    if (left !== told && round % TELL_EVERY === 0) {
      write(`${files(left)} left …\n`);
      told = left;
    }
    await delay(ASK_EVERY_MS, signal);
  }
}

function files(count: number): string {
  return count === 1 ? '1 file' : `${count.toLocaleString('en')} files`;
}

function explained(error: unknown): unknown {
  if (!(error instanceof AppError) || !error.message.includes('is in use by')) return error;
  const way = 'If that is a running server, an admin can have it done there: mutation { reindex(all: true) }';
  return new AppError({ code: error.code, message: `${error.message}\n${way}`, cause: error });
}
