import { type Client, ColloquyError } from '@colloquy/sdk';
import { confirm } from './confirm.ts';
import { explain } from './explain.ts';
import type { Terminal } from './terminal.ts';

export type SignInOptions = {
  client: Client;
  terminal: Terminal;
  server: string;
  /** Given beforehand: then nobody is asked. */
  username: string | undefined;
  password: string | undefined;
};

const ATTEMPTS = 3;

/** The name of who is signed in: from the last time, as given, or as asked. Null when the person has left. */
export async function signIn(options: SignInOptions): Promise<string | null> {
  const { client, username, password } = options;
  const known = await knownUser(client);
  if (known && [undefined, known.username, known.email].includes(username)) return known.username;
  if (username !== undefined && password !== undefined) return enter(client, username, password);
  if (options.terminal.interactive) options.terminal.write('Sign in, or choose a name for a new account.\n');
  return askUser(options);
}

async function knownUser(client: Client) {
  try {
    return (await client.viewer())?.user ?? null;
  } catch (error) {
    if (isCode(error, 'UNAUTHENTICATED')) return null;
    throw error;
  }
}

/** For scripts: whoever is not known yet is registered. */
async function enter(client: Client, username: string, password: string): Promise<string> {
  try {
    return (await client.login({ username, password })).user.username;
  } catch (error) {
    if (!isCode(error, 'UNAUTHENTICATED')) throw error;
    return (await client.register({ username, password })).user.username;
  }
}

async function askUser({ client, terminal, server, username }: SignInOptions): Promise<string | null> {
  for (let attempt = 1; ; attempt++) {
    const name = (username ?? (await terminal.ask('Username: ')))?.trim();
    const password = name === undefined ? null : await terminal.askSecret('Password: ');
    if (name === undefined || password === null) return null;
    try {
      return (await client.login({ username: name, password })).user.username;
    } catch (error) {
      if (!isCode(error, 'UNAUTHENTICATED')) throw error;
    }
    const wanted = await confirm(terminal, `Nobody signs in as "${name}" with this password. Make a new account?`);
    if (wanted === null) return null;
    if (wanted) {
      const again = await terminal.askSecret('The password again: ');
      if (again === null) return null;
      if (again !== password) terminal.write('The two passwords differ.\n');
      else {
        try {
          return (await client.register({ username: name, password })).user.username;
        } catch (error) {
          if (!isCode(error, 'BAD_USER_INPUT') && !isCode(error, 'CONFLICT')) throw error;
          terminal.write(`${explain(error, server)}\n`);
        }
      }
    }
    if (attempt >= ATTEMPTS) {
      terminal.write('Too many attempts.\n');
      return null;
    }
  }
}

function isCode(error: unknown, code: ColloquyError['code']): boolean {
  return error instanceof ColloquyError && error.code === code;
}
