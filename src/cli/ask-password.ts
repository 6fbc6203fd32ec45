import { EXIT, Failure } from './exit-codes.ts';
import { openQuestions } from './questions.ts';
import type { Terminal } from './terminal.ts';

/** The password of somebody who has one: typed unseen, or the first line of a pipe. Throws Failure. */
export async function askPassword(terminal: Terminal, prompt = 'Password: '): Promise<string> {
  const password = await terminal.askSecret(prompt);
  if (password === null && terminal.interactive) throw new Failure('Broken off.', EXIT.interrupted);
  if (!password) throw new Failure('Nothing was given: type it, or send it through a pipe.', EXIT.usage);
  return password;
}

/** The name of an account: as it was given, or as it is typed. Throws Failure. */
export async function askUsername(terminal: Terminal, given: string | undefined, nobody: string): Promise<string> {
  const name = given ?? (terminal.interactive ? await terminal.ask('Username: ') : '');
  if (name === null) throw new Failure('Broken off.', EXIT.interrupted);
  if (!name) throw new Failure(nobody, EXIT.usage);
  return name;
}

/** As `askPassword`, for a new one: who types it types it twice. */
export async function askNewPassword(terminal: Terminal): Promise<string> {
  const password = await askPassword(terminal);
  if (!terminal.interactive) return password;
  const again = await terminal.askSecret('The password again: ');
  if (again === password) return password;
  throw again === null ? new Failure('Broken off.', EXIT.interrupted) : new Failure('The two passwords differ.');
}

/** Something else that nobody else should see. */
export async function askSecret(prompt: string): Promise<string> {
  const terminal = openQuestions();
  try {
    return await askPassword(terminal, prompt);
  } finally {
    terminal.close();
  }
}
