import { CreateUserDocument } from '@colloquy/sdk';
import type { AccountsSession } from '../app/accounts-session.ts';
import { askNewPassword, askUsername } from './ask-password.ts';
import { explained } from './database-in-use.ts';
import type { Output } from './output.ts';
import { openQuestions } from './questions.ts';
import type { Remote } from './remote.ts';

export type NewAdmin = { username?: string | undefined; email?: string | undefined };

type Account = { username: string; email?: string; password: string };

/** Directly in the database: whoever has the machine needs no sign-in. Throws AppError and Failure. */
export async function createAdminHere(
  open: () => Promise<AccountsSession>,
  output: Output,
  given: NewAdmin,
): Promise<void> {
  const account = await askAccount(given);
  const session = await open().catch((error: unknown) => {
    throw explained(error, 'an admin can do it there: sign in with `colloquy login`, and give --url.');
  });
  try {
    const username = await session.create(account, 'ADMIN');
    output.show({ username, role: 'ADMIN' }, `${username} is an admin.\n`);
  } finally {
    await session.close();
  }
}

/** Through the graph, by an admin who is signed in. */
export async function createAdminThere({ client, output, signal }: Remote, given: NewAdmin): Promise<void> {
  const input = await askAccount(given);
  const { createUser } = await client.mutate(CreateUserDocument, { input, role: 'ADMIN' }, { signal });
  output.show(createUser, `${createUser.username} is an admin.\n`);
}

async function askAccount({ username, email }: NewAdmin): Promise<Account> {
  const terminal = openQuestions();
  try {
    const name = await askUsername(terminal, username, 'Who becomes an admin? Give --username.');
    return { username: name, ...(email !== undefined && { email }), password: await askNewPassword(terminal) };
  } finally {
    terminal.close();
  }
}
