import { type Command, InvalidArgumentError } from '@commander-js/extra-typings';
import { examples, JSON_OPTION, KEY_OPTION, URL_OPTION, wholeNumber, YES_OPTION } from '../options.ts';
import type { Remote, ServerOptions } from '../remote.ts';
import type { Shell } from '../shell.ts';

const MOST = 2_147_483_647;

export function addKey(program: Command, shell: Shell): void {
  const key = program
    .command('key')
    .summary('API keys of a server: make, list, look up, close, delete')
    .description('API keys of a server, for its admins. KEY is an id, the name of its client, or its beginning.')
    .addHelpText(
      'after',
      examples(
        'key create "Support bot" --collection Handbook --prompt Support --tokens-per-day 200000',
        'key create Trial --expires 2027-01-31',
        'key list',
        'key status < secret.txt',
        'key deactivate "Support bot"',
      ),
    );
  key
    .command('create')
    .summary('make one; its secret is shown once')
    .description('Make one. Its secret is shown this once, and cannot be told again.')
    .argument('<client>', 'who uses it; unique')
    .option('--notes <text>', 'for admins')
    .option('--collection <collection>', 'what its chats retrieve from, and its uploads go into; an id or a name')
    .option('--prompt <prompt>', 'the system prompt of its chats; an id or a name')
    .option('--prompt-text <text>', 'in place of it: makes a system prompt with the name of the client')
    .option('--requests-per-minute <count>', 'at most so many requests', wholeNumber(1, MOST))
    .option('--tokens-per-day <count>', 'at most so many tokens of prompts and answers', wholeNumber(1, MOST))
    .option('--expires <moment>', 'until then: 2027-01-31 or 2027-01-31T12:00:00Z', readMoment)
    .addOption(URL_OPTION)
    .addOption(KEY_OPTION)
    .addOption(JSON_OPTION)
    .action((client, options) => run(options, ({ createKey }, remote) => createKey(remote, client, options)));
  key
    .command('list')
    .summary('all of them')
    .description('The newest first.')
    .option('--limit <count>', 'at most so many', wholeNumber(1, 100_000), 100)
    .addOption(URL_OPTION)
    .addOption(KEY_OPTION)
    .addOption(JSON_OPTION)
    .action((options) => run(options, ({ listKeys }, remote) => listKeys(remote, options.limit)));
  key
    .command('status')
    .summary('whose a secret is, and whether it is good')
    .description(
      'Whose a secret is, and whether it is good: exit code 0; 1: closed or expired; 4: there is none. It is typed unseen, or comes through a pipe, so that no list of processes shows it.',
    )
    .argument('[secret]', 'where that does not matter')
    .addOption(URL_OPTION)
    .addOption(KEY_OPTION)
    .addOption(JSON_OPTION)
    .action(async (given, options) => {
      const { askSecret } = await import('../ask-password.ts');
      const secret = given ?? (await askSecret('Key: '));
      await run(options, ({ keyStatus }, remote) => keyStatus(remote, secret));
    });
  key
    .command('deactivate')
    .summary('close one for good')
    .description('Close one for good: it is refused from now on, and what was made with it stays.')
    .argument('<key>', 'its id, its client or its beginning')
    .addOption(YES_OPTION)
    .addOption(URL_OPTION)
    .addOption(KEY_OPTION)
    .addOption(JSON_OPTION)
    .action((name, options) => run(options, ({ deactivateKey }, remote) => deactivateKey(remote, name, options.yes)));
  key
    .command('delete')
    .summary('delete one with what was made with it')
    .description('Delete one, with its conversations and the files that it has uploaded.')
    .argument('<key>', 'its id, its client or its beginning')
    .addOption(YES_OPTION)
    .addOption(URL_OPTION)
    .addOption(KEY_OPTION)
    .addOption(JSON_OPTION)
    .action((name, options) => run(options, ({ deleteKey }, remote) => deleteKey(remote, name, options.yes)));

  type Runs = typeof import('../run-keys.ts');
  async function run(options: ServerOptions, work: (runs: Runs, remote: Remote) => Promise<number> | Promise<void>) {
    const [{ onServer }, runs] = await Promise.all([import('../remote.ts'), import('../run-keys.ts')]);
    await onServer(shell, options, (remote) => work(runs, remote));
  }
}

function readMoment(text: string): string {
  const moment = /^\d{4}-\d\d-\d\d/.test(text) ? new Date(text) : new Date(Number.NaN);
  if (Number.isNaN(moment.getTime())) throw new InvalidArgumentError('It is a moment such as 2027-01-31T12:00:00Z.');
  return moment.toISOString();
}
