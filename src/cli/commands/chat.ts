import type { Command } from '@commander-js/extra-typings';
import { examples, KEY_OPTION, URL_OPTION } from '../options.ts';
import type { Shell } from '../shell.ts';

export function addChat(program: Command, shell: Shell): void {
  program
    .command('chat')
    .summary('chat in the terminal')
    .description(
      'Chat in the terminal; what comes from a pipe is sent line by line. Who is not signed in is asked for a name and a password, or has them in COLLOQUY_USERNAME and COLLOQUY_PASSWORD; the sign-in is kept for the next time.',
    )
    .addOption(URL_OPTION)
    .addOption(KEY_OPTION)
    .option('--username <name>', 'sign in as; default: COLLOQUY_USERNAME, else as the last time')
    .option('--model <id>', 'the model that answers, such as ollama/llama3.2:3b')
    .addHelpText('after', examples('chat', 'chat --model ollama/llama3.2:3b', 'chat < questions.txt'))
    .action(async ({ url, key, username, model }) => {
      const [{ runChat }, { createTerminal }, { tokenFilePath }, { serverUrl, apiKeyOf }, { homedir }] =
        await Promise.all([
          import('../run-chat.ts'),
          import('../terminal.ts'),
          import('../token-file.ts'),
          import('../server.ts'),
          import('node:os'),
        ]);
      const environment = shell.environment();
      const terminal = createTerminal({
        input: process.stdin,
        output: process.stdout,
        colours: !environment.NO_COLOR,
        onSignal(handler) {
          process.on('SIGINT', handler);
          return () => void process.off('SIGINT', handler);
        },
      });
      process.exitCode = await runChat({
        url: serverUrl(url, environment),
        apiKey: apiKeyOf(key, environment),
        username: username || environment.COLLOQUY_USERNAME || undefined,
        password: environment.COLLOQUY_PASSWORD || undefined,
        model: model || undefined,
        terminal,
        tokenFile: tokenFilePath(environment, homedir()),
        writeError: shell.writeError,
      });
    });
}
