import { Command } from '@commander-js/extra-typings';
import { addChat } from './commands/chat.ts';
import { addCompletion } from './commands/completion.ts';
import { addDatabase } from './commands/database.ts';
import { addDoctor } from './commands/doctor.ts';
import { addFiles } from './commands/files.ts';
import { addKey } from './commands/key.ts';
import { addLogin } from './commands/login.ts';
import { addModels } from './commands/models.ts';
import { addPrompt } from './commands/prompt.ts';
import { addReindex } from './commands/reindex.ts';
import { addServe } from './commands/serve.ts';
import { addTransfer } from './commands/transfer.ts';
import type { Shell } from './shell.ts';

const AFTER = `
Without --key, commands that work on a server use the sign-in that \`colloquy login\` keeps for it.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not signed in or not allowed, 4 not found, 5 server unreachable,
130 interrupted.
`;

/** In the order in which help shows them. */
const COMMANDS = [
  addServe,
  addDatabase,
  addDoctor,
  addLogin,
  addChat,
  addKey,
  addPrompt,
  addFiles,
  addModels,
  addReindex,
  addTransfer,
  addCompletion,
];

/** All commands. What they need is loaded when one runs, so that help is there at once. */
export function createProgram(shell: Shell, version: string): Command {
  const program = new Command('colloquy')
    .description('Colloquy: a chat server for you and your programs, and the commands that go with it.')
    .version(version, '--version', 'show the version')
    .helpOption('-h, --help', 'show how it is called')
    .helpCommand('help [command]', 'show how a command is called')
    .addHelpText('after', AFTER)
    .showHelpAfterError('(--help shows how it is called.)')
    .configureOutput({
      writeOut: shell.write,
      writeErr: shell.writeError,
      outputError: (text, write) => write(text.replace(/^error: /, '')),
    })
    .exitOverride();
  for (const add of COMMANDS) add(program, shell);
  return program;
}
