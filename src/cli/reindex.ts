import { openReindexSession } from '../app/reindex-session.ts';
import { delay } from '../util/delay.ts';
import { runCommand } from './command.ts';
import { REINDEX_USAGE, readReindexArguments, runReindex } from './run-reindex.ts';

// `npm run reindex`: files are read anew.
process.exit(
  await runCommand({
    usage: REINDEX_USAGE,
    read: readReindexArguments,
    run: (chosen, config, signal) =>
      runReindex({
        ...chosen,
        open: (options) => openReindexSession(config, options),
        write: (text) => void process.stdout.write(text),
        delay,
        signal,
      }),
  }),
);
