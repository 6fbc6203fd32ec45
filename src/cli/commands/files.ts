import { type Command, Option } from '@commander-js/extra-typings';
import { examples, JSON_OPTION, KEY_OPTION, URL_OPTION, wholeNumber, YES_OPTION } from '../options.ts';
import type { Shell } from '../shell.ts';

const STATUS_OPTION = new Option('--status <status>', 'only those').choices([
  'QUEUED',
  'PROCESSING',
  'READY',
  'FAILED',
] as const);

export function addFiles(program: Command, shell: Shell): void {
  const files = program
    .command('files')
    .summary('files that answers are grounded in: upload, list, delete')
    .description('Files that answers are grounded in.')
    .addHelpText(
      'after',
      examples(
        'files upload report.pdf notes.md --wait',
        'files upload ./handbook --recursive --collection Handbook',
        'files list --status FAILED',
        'files delete RmlsZTow --yes',
      ),
    );
  files
    .command('upload')
    .summary('send files, to be read')
    .description(
      'Send files, to be read. With --json there is a line for each. One that cannot be taken is told, and the others go on.',
    )
    .argument('<path...>', 'files, and with --recursive folders')
    .option('--recursive', 'folders too, with all that is in them and is not hidden')
    .option('--collection <collection>', 'into this one; its id or its name')
    .option('--wait', 'until they have been read; exit code 1 where one could not be')
    .addOption(URL_OPTION)
    .addOption(KEY_OPTION)
    .addOption(JSON_OPTION)
    .action(async (paths, options) => {
      const [{ onServer }, { uploadFiles }] = await Promise.all([import('../remote.ts'), import('../run-upload.ts')]);
      await onServer(shell, options, (remote) => uploadFiles(remote, paths, options));
    });
  files
    .command('list')
    .summary('the files that there are')
    .description('The newest first.')
    .option('--collection <collection>', 'only those of this one; its id or its name')
    .addOption(STATUS_OPTION)
    .option('--text <text>', 'only those with this in their name')
    .option('--limit <count>', 'at most so many', wholeNumber(1, 100_000), 100)
    .addOption(URL_OPTION)
    .addOption(KEY_OPTION)
    .addOption(JSON_OPTION)
    .action(async (options) => {
      const [{ onServer }, { listFiles }] = await load();
      await onServer(shell, options, (remote) => listFiles(remote, options));
    });
  files
    .command('delete')
    .summary('delete files')
    .description('Delete files, with everything that was made of them.')
    .argument('<id...>', 'as list shows them')
    .addOption(YES_OPTION)
    .addOption(URL_OPTION)
    .addOption(KEY_OPTION)
    .addOption(JSON_OPTION)
    .action(async (ids, options) => {
      const [{ onServer }, { deleteFiles }] = await load();
      await onServer(shell, options, (remote) => deleteFiles(remote, ids, options.yes));
    });

  function load() {
    return Promise.all([import('../remote.ts'), import('../run-files.ts')]);
  }
}
