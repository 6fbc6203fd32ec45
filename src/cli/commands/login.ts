import type { Command } from '@commander-js/extra-typings';
import { examples, JSON_OPTION, KEY_OPTION, URL_OPTION } from '../options.ts';
import type { Shell } from '../shell.ts';

export function addLogin(program: Command, shell: Shell): void {
  const load = () => Promise.all([import('../remote.ts'), import('../run-login.ts')]);
  program
    .command('login')
    .summary('sign in at a server, for the commands that follow')
    .description(
      'Sign in at a server, for the commands that follow. The password is asked for, or it is the first line of a pipe, or in COLLOQUY_PASSWORD. The sign-in is kept in a file that only you can read, one for each server.',
    )
    .addOption(URL_OPTION)
    .option('--username <name>', 'a username or an email address; default: COLLOQUY_USERNAME')
    .addOption(JSON_OPTION)
    .addHelpText('after', examples('login', 'login --url https://chat.example.com --username ada < password.txt'))
    .action(async (options) => {
      const [{ onServer }, { login }] = await load();
      const { COLLOQUY_USERNAME, COLLOQUY_PASSWORD } = shell.environment();
      const username = options.username || COLLOQUY_USERNAME || undefined;
      // A sign-in is made and kept, also where a key is there for other commands.
      const signInOptions = { ...options, key: null };
      await onServer(shell, signInOptions, (remote) =>
        login(remote, { username, password: COLLOQUY_PASSWORD || undefined }),
      );
    });
  program
    .command('logout')
    .summary('sign out of a server')
    .description('Sign out of a server: the sign-in ends there, and is forgotten here.')
    .addOption(URL_OPTION)
    .addOption(JSON_OPTION)
    .action(async (options) => {
      const [{ onServer }, { logout }] = await load();
      await onServer(shell, { ...options, key: null }, logout);
    });
  program
    .command('whoami')
    .summary('who is signed in at a server')
    .description('Who is signed in at a server. Exit code 3: nobody.')
    .addOption(URL_OPTION)
    .addOption(KEY_OPTION)
    .addOption(JSON_OPTION)
    .action(async (options) => {
      const [{ onServer }, { whoAmI }] = await load();
      await onServer(shell, options, whoAmI);
    });
}
