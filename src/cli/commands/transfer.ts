import type { Command } from '@commander-js/extra-typings';
import { examples, JSON_OPTION, KEY_OPTION, URL_OPTION } from '../options.ts';
import type { Shell } from '../shell.ts';

export function addTransfer(program: Command, shell: Shell): void {
  const load = () => Promise.all([import('../remote.ts'), import('../run-transfer.ts')]);
  program
    .command('export')
    .summary('your conversations, as one JSON document')
    .description('Write all of your conversations, as one JSON document; without a file to standard output.')
    .argument('[file]', 'where to; it has its name once it is whole')
    .option('--force', 'replace a file that is there', false)
    .addOption(URL_OPTION)
    .addOption(KEY_OPTION)
    .addHelpText('after', examples('export conversations.json', 'export | jq .conversations[].title'))
    .action(async (path, { force, ...options }) => {
      const [{ onServer }, { runExport }] = await load();
      const { stdout } = process;
      await onServer(shell, options, ({ client, signal }) =>
        runExport({ client, path: path ?? null, output: stdout, force, write: shell.write, signal }),
      );
    });
  program
    .command('import')
    .summary('conversations of an export, also of ChatGPT')
    .description(
      'Take in the conversations of an export: of a Colloquy server, or of ChatGPT (its zip, or conversations.json in it). What is there already is left as it is, so the same file again goes on where it was broken off. Exit code 1: some could not be taken.',
    )
    .argument('<file>', 'the export')
    .addOption(URL_OPTION)
    .addOption(KEY_OPTION)
    .addOption(JSON_OPTION)
    .addHelpText('after', examples('import conversations.json', 'import chatgpt-export.zip --json'))
    .action(async (path, options) => {
      const [{ onServer }, { runImport }] = await load();
      const json = options.json ?? false;
      await onServer(shell, options, ({ client, signal }) =>
        runImport({ client, path, json, write: shell.write, signal }),
      );
    });
}
