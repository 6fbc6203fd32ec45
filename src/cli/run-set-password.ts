import type { AccountsSession } from '../app/accounts-session.ts';
import { askNewPassword, askUsername } from './ask-password.ts';
import { explained } from './database-in-use.ts';
import type { Output } from './output.ts';
import { openQuestions } from './questions.ts';

/** Directly in the database: whoever has the machine needs no sign-in, and no old password. Throws AppError and Failure. */
export async function setPasswordHere(
  open: () => Promise<AccountsSession>,
  output: Output,
  given: string | undefined,
): Promise<void> {
  const { name, password } = await ask(given);
  const session = await open().catch((error: unknown) => {
    throw explained(error, 'stop it for a moment.');
  });
  try {
    const username = await session.setPassword(name, password);
    output.show({ username }, `${username} has a new password, and is signed out everywhere.\n`);
  } finally {
    await session.close();
  }
}

async function ask(given: string | undefined): Promise<{ name: string; password: string }> {
  const terminal = openQuestions();
  try {
    const name = await askUsername(terminal, given, 'Whose password? Give --username.');
    return { name, password: await askNewPassword(terminal) };
  } finally {
    terminal.close();
  }
}
