import type { Command } from '@commander-js/extra-typings';
import { examples, JSON_OPTION, KEY_OPTION, URL_OPTION, wholeNumber, YES_OPTION } from '../options.ts';
import type { Remote, ServerOptions } from '../remote.ts';
import type { Shell } from '../shell.ts';

const revisionNumber = wholeNumber(1, 2_147_483_647);

export function addPrompt(program: Command, shell: Shell): void {
  const prompt = program
    .command('prompt')
    .summary('system prompts of a server: write, list, go back, delete')
    .description('System prompts of a server, for its admins. PROMPT is an id or a name.')
    .addHelpText(
      'after',
      examples(
        'prompt create Support --text "You answer for Example Ltd. Be brief."',
        'prompt update Support --file support.txt --label 1.1',
        'prompt get Support --revision 1',
        'prompt restore Support 1',
        'prompt associate Support "Support bot"',
        'prompt list --json',
      ),
    );
  prompt
    .command('create')
    .summary('write one')
    .description('Write one. Its text comes from --text, from --file or through a pipe.')
    .argument('<name>', 'unique')
    .option('--text <text>', 'what the model is told')
    .option('--file <path>', 'where that is; -: standard input')
    .option('--label <version>', 'a version label of your own, such as 1.2')
    .addOption(URL_OPTION)
    .addOption(KEY_OPTION)
    .addOption(JSON_OPTION)
    .action((name, options) => run(options, ({ createPrompt }, remote) => createPrompt(remote, name, options)));
  prompt
    .command('list')
    .summary('all of them')
    .description('The newest first.')
    .option('--limit <count>', 'at most so many', wholeNumber(1, 100_000), 100)
    .addOption(URL_OPTION)
    .addOption(KEY_OPTION)
    .addOption(JSON_OPTION)
    .action((options) => run(options, ({ listPrompts }, remote) => listPrompts(remote, options.limit)));
  prompt
    .command('get')
    .summary('show one, or what it was')
    .description('Show one, with its text; or a revision of it.')
    .argument('<prompt>', 'its id or its name')
    .option('--revision <number>', 'as it was then', revisionNumber)
    .addOption(URL_OPTION)
    .addOption(KEY_OPTION)
    .addOption(JSON_OPTION)
    .action((name, options) => run(options, ({ getPrompt }, remote) => getPrompt(remote, name, options.revision)));
  prompt
    .command('update')
    .summary('change one: adds a revision')
    .description('Change one: adds a revision, which applies from the next answer on. What is left out stays as it is.')
    .argument('<prompt>', 'its id or its name')
    .option('--name <name>', 'another name')
    .option('--text <text>', 'another text')
    .option('--file <path>', 'where that is; -: standard input')
    .option('--label <version>', 'another version label')
    .addOption(URL_OPTION)
    .addOption(KEY_OPTION)
    .addOption(JSON_OPTION)
    .action((name, options) => run(options, ({ updatePrompt }, remote) => updatePrompt(remote, name, options)));
  prompt
    .command('restore')
    .summary('go back: adds a revision equal to an older one')
    .description('Go back: adds a revision with the text and the label of an older one.')
    .argument('<prompt>', 'its id or its name')
    .argument('<revision>', 'the older one', revisionNumber)
    .addOption(URL_OPTION)
    .addOption(KEY_OPTION)
    .addOption(JSON_OPTION)
    .action((name, revision, options) =>
      run(options, ({ restorePrompt }, remote) => restorePrompt(remote, name, revision)),
    );
  prompt
    .command('delete')
    .summary('delete one that nobody uses')
    .description('Delete one with all its revisions. One that is in use stays, and what uses it is named.')
    .argument('<prompt>', 'its id or its name')
    .addOption(YES_OPTION)
    .addOption(URL_OPTION)
    .addOption(KEY_OPTION)
    .addOption(JSON_OPTION)
    .action((name, options) => run(options, ({ deletePrompt }, remote) => deletePrompt(remote, name, options.yes)));

  prompt
    .command('associate')
    .summary('give it to an API key')
    .description('Give a system prompt to an API key, for its chats from the next answer on.')
    .argument('<prompt>', 'its id or its name')
    .argument('<key>', 'its id, its client or its beginning')
    .addOption(URL_OPTION)
    .addOption(KEY_OPTION)
    .addOption(JSON_OPTION)
    .action((name, key, options) => associate(options, name, key));
  prompt
    .command('dissociate')
    .summary('take it from an API key')
    .description("Take its system prompt from an API key: the server's default applies again.")
    .argument('<key>', 'its id, its client or its beginning')
    .addOption(URL_OPTION)
    .addOption(KEY_OPTION)
    .addOption(JSON_OPTION)
    .action((key, options) => associate(options, null, key));

  async function associate(options: ServerOptions, name: string | null, key: string): Promise<void> {
    const [{ onServer }, { associatePrompt }] = await Promise.all([import('../remote.ts'), import('../run-keys.ts')]);
    await onServer(shell, options, (remote) => associatePrompt(remote, name, key));
  }

  type Runs = typeof import('../run-prompts.ts');
  async function run(options: ServerOptions, work: (runs: Runs, remote: Remote) => Promise<void>): Promise<void> {
    const [{ onServer }, runs] = await Promise.all([import('../remote.ts'), import('../run-prompts.ts')]);
    await onServer(shell, options, (remote) => work(runs, remote));
  }
}
