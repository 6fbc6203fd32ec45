import { ColloquyError, ViewerKeyDocument } from '@colloquy/sdk';
import { askPassword, askUsername } from './ask-password.ts';
import { EXIT, Failure } from './exit-codes.ts';
import { openQuestions } from './questions.ts';
import type { Remote } from './remote.ts';
import { details } from './table.ts';

export type LoginOptions = { username: string | undefined; password: string | undefined };

/** Signs in, and keeps the sign-in for this server. Throws Failure. */
export async function login({ client, url, output, signal }: Remote, given: LoginOptions): Promise<void> {
  const terminal = openQuestions();
  try {
    const username = await askUsername(terminal, given.username, 'Who signs in? Give --username.');
    const password = given.password ?? (await askPassword(terminal));
    const { user } = await client.login({ username, password }, { signal });
    output.show({ url, user }, `Signed in as ${user.username} at ${url}.\n`);
  } catch (error) {
    if (!(error instanceof ColloquyError) || error.code !== 'UNAUTHENTICATED') throw error;
    throw new Failure(error.message, EXIT.refused, error);
  } finally {
    terminal.close();
  }
}

export async function logout({ client, url, output, signal }: Remote): Promise<void> {
  const was = await client.tokens();
  await client.logout({ signal });
  output.show({ url, signedOut: was !== null }, was ? `Signed out of ${url}.\n` : `Nobody was signed in at ${url}.\n`);
}

export async function whoAmI({ client, url, output, signal }: Remote): Promise<number> {
  const viewer = await client.viewer({ signal });
  if (!viewer) {
    output.show({ url, user: null }, `Nobody is signed in at ${url}.\n`);
    return EXIT.refused;
  }
  const { user, isAdmin } = viewer;
  const { viewer: keyed } = await client.query(ViewerKeyDocument, {}, { signal });
  const apiKey = keyed?.apiKey ?? null;
  const text = details([
    ['Server', url],
    ['User', user?.username],
    ['Email', user?.email],
    ['Role', user && (isAdmin ? 'admin' : 'user')],
    ['API key', apiKey && `${apiKey.clientName} (${apiKey.prefix}…)`],
    ['Collection', apiKey?.collection?.name],
    ['Prompt', apiKey?.systemPrompt?.name],
  ]);
  output.show({ url, user, isAdmin, apiKey }, text);
  return EXIT.done;
}
