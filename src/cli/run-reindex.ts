import type { ReindexSession } from '../app/reindex-session.ts';
import { AppError } from '../errors.ts';
import type { Delay } from '../util/delay.ts';
import { plainText } from './plain-text.ts';

export type ReindexArguments = { all: boolean; collectionId: string | null; work: boolean; wait: boolean };

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
