import type { Command } from '@commander-js/extra-typings';
import { EXIT, Failure } from '../exit-codes.ts';
import { examples, JSON_OPTION, KEY_OPTION, URL_OPTION } from '../options.ts';
import type { Shell } from '../shell.ts';

export function addDatabase(program: Command, shell: Shell): void {
  program
    .command('migrate')
    .summary('bring the database up to date')
    .description('Bring the database of the settings up to date. A server does it by itself when it starts.')
    .option('--status', 'only say what there is to do; exit code 1 where there is something')
    .addOption(JSON_OPTION)
    .addHelpText('after', examples('migrate', 'migrate --status'))
    .action(async ({ status, json = false }) => {
      const [{ readConfig }, sessions, { runMigrate }, { createOutput }] = await Promise.all([
        import('../../config.ts'),
        import('../../app/migrate-session.ts'),
        import('../run-migrate.ts'),
        import('../output.ts'),
      ]);
      const config = readConfig(shell.environment());
      process.exitCode = await runMigrate({
        onlyStatus: status ?? false,
        state: () => sessions.migrationState(config),
        migrate: () => sessions.migrate(config, (message) => shell.writeError(`${message}\n`)),
        output: createOutput(shell, json),
      });
    });

  program
    .command('create-admin')
    .summary('make an account for an admin')
    .description(
      'Make an account for an admin: in the database of the settings, or with --url through a server that runs, by an admin who is signed in there. The password is typed unseen, or is the first line of a pipe.',
    )
    .option('--username <name>', 'the name')
    .option('--email <address>', 'an email address')
    .addOption(URL_OPTION)
    .addOption(KEY_OPTION)
    .addOption(JSON_OPTION)
    .addHelpText(
      'after',
      examples('create-admin --username ada', 'create-admin --username ada --url http://127.0.0.1:4000 < password.txt'),
    )
    .action(async (options) => {
      const { createAdminHere, createAdminThere } = await import('../run-create-admin.ts');
      if (options.url !== undefined) {
        const { onServer } = await import('../remote.ts');
        return onServer(shell, options, (remote) => createAdminThere(remote, options));
      }
      const [{ readConfig }, { openAccountsSession }, { createOutput }] = await Promise.all([
        import('../../config.ts'),
        import('../../app/accounts-session.ts'),
        import('../output.ts'),
      ]);
      const config = readConfig(shell.environment());
      await createAdminHere(() => openAccountsSession(config), createOutput(shell, options.json ?? false), options);
    });

  program
    .command('set-password')
    .summary('give somebody a new password who has forgotten theirs')
    .description(
      'Give somebody a new password who has forgotten theirs, in the database of the settings. They are signed out everywhere. The password is typed unseen, or is the first line of a pipe.',
    )
    .option('--username <name>', 'whose: the name, or the email address')
    .addOption(JSON_OPTION)
    .addHelpText('after', examples('set-password --username ada', 'set-password --username ada < password.txt'))
    .action(async ({ username, json = false }) => {
      const [{ readConfig }, { openAccountsSession }, { setPasswordHere }, { createOutput }] = await Promise.all([
        import('../../config.ts'),
        import('../../app/accounts-session.ts'),
        import('../run-set-password.ts'),
        import('../output.ts'),
      ]);
      const config = readConfig(shell.environment());
      await setPasswordHere(() => openAccountsSession(config), createOutput(shell, json), username);
    });

  program
    .command('seed')
    .summary('accounts to try it with: admin and user1')
    .description(
      'Make the accounts admin and user1, to try it with. Their passwords are made now and shown this once; accounts that are there stay as they are. Never in production.',
    )
    .addOption(JSON_OPTION)
    .action(async ({ json = false }) => {
      const { readConfig } = await import('../../config.ts');
      const config = readConfig(shell.environment());
      if (config.NODE_ENV === 'production') {
        throw new Failure('These accounts are for trying it: not with NODE_ENV=production.', EXIT.usage);
      }
      const [{ openAccountsSession }, { seed }, { createOutput }] = await Promise.all([
        import('../../app/accounts-session.ts'),
        import('../run-seed.ts'),
        import('../output.ts'),
      ]);
      const session = await openAccountsSession(config);
      try {
        await seed(session, createOutput(shell, json));
      } finally {
        await session.close();
      }
    });
}
