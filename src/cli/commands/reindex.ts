import { type Command, InvalidArgumentError } from '@commander-js/extra-typings';
import { examples } from '../options.ts';
import { readCollectionId } from '../read-collection-id.ts';
import type { Shell } from '../shell.ts';

export function addReindex(program: Command, shell: Shell): void {
  program
    .command('reindex')
    .summary('read files anew')
    .description(
      'Read files anew, for the embedding model and the settings of now. Each stays searchable as it is until it has been read. Without DATABASE_URL no server may be running on DATA_DIR: an admin can ask one that does with the mutation reindex.',
    )
    .option(
      '--all',
      'every file; default: those embedded with another model than EMBEDDING_MODEL, or not at all',
      false,
    )
    .option('--collection <id>', 'only the files of this collection', readId)
    .option(
      '--work',
      "with DATABASE_URL: this process reads files as well. FILES_DIR has to be the servers' own",
      false,
    )
    .option('--no-wait', 'end once the files wait to be read')
    .addHelpText('after', examples('reindex', 'reindex --all --work'))
    .action(async ({ collection, ...chosen }) => {
      const [{ openReindexSession }, { readConfig }, { runReindex }, { delay }] = await Promise.all([
        import('../../app/reindex-session.ts'),
        import('../../config.ts'),
        import('../run-reindex.ts'),
        import('../../util/delay.ts'),
      ]);
      const config = readConfig(shell.environment());
      process.exitCode = await runReindex({
        ...chosen,
        collectionId: collection ?? null,
        open: (options) => openReindexSession(config, options),
        write: shell.write,
        delay,
        signal: shell.signal(),
      });
    });
}

function readId(text: string): string {
  const id = readCollectionId(text);
  if (id !== null) return id;
  throw new InvalidArgumentError("It is no collection's id.");
}
