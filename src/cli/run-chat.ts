import { type ClientOptions, ColloquyError, createClient } from '@colloquy/sdk';
import { createChatSession } from './chat-session.ts';
import { EXIT, exitCodeFor } from './exit-codes.ts';
import { explain, keyRefused } from './explain.ts';
import { signIn } from './sign-in.ts';
import type { Terminal } from './terminal.ts';
import { createTokenFile } from './token-file.ts';

export type RunChatOptions = {
  url: string;
  /** In place of a sign-in. */
  apiKey?: string | undefined;
  username: string | undefined;
  password: string | undefined;
  model: string | undefined;
  terminal: Terminal;
  tokenFile: string;
  /** For what is not part of the conversation. */
  writeError: (text: string) => void;
  clientOptions?: Partial<ClientOptions>;
};

/**
 * The chat from sign-in to farewell. Resolves to the exit code, which says why it could not begin or go on, and for a
 * script also why its last prompt failed.
 */
export async function runChat(options: RunChatOptions): Promise<number> {
  const { terminal, url } = options;
  const client = createClient({
    url,
    ...(options.apiKey === undefined
      ? { tokenStore: createTokenFile(options.tokenFile, new URL(url).href) }
      : { apiKey: options.apiKey }),
    // From one prompt to the next, so that the second one does not wait for a handshake.
    idleSocketMs: 60_000,
    ...options.clientOptions,
  });
  /** Returns the exit code. */
  const tell = (error: unknown): number => {
    const isKeyRefused =
      options.apiKey !== undefined && error instanceof ColloquyError && error.code === 'UNAUTHENTICATED';
    const explanation = isKeyRefused ? keyRefused(url) : explain(error, url);
    if (explanation === null) throw error;
    options.writeError(`${explanation}\n`);
    return error instanceof ColloquyError ? exitCodeFor(error.code) : EXIT.failed;
  };

  async function talk(): Promise<number> {
    let code = 0;
    try {
      const username = options.apiKey === undefined ? await signIn({ ...options, client, server: url }) : 'an API key';
      if (username === null) return EXIT.refused;
      const session = createChatSession({ client, terminal, model: options.model });
      if (terminal.interactive) {
        terminal.write(`Signed in as ${username} at ${url}.\n`);
        await session.list();
        terminal.write(`${terminal.dim('/open N goes on with one of them, /help lists the commands. Ask:')}\n`);
      }
      for (let line = await terminal.ask('> '); line !== null; line = await terminal.ask('> ')) {
        try {
          const handled = await session.handle(line);
          if (handled === 'quit') break;
          code = handled === 'failed' && !terminal.interactive ? 1 : 0;
        } catch (error) {
          const told = tell(error);
          // Nothing else will succeed either.
          if (error instanceof ColloquyError && error.code === 'UNAUTHENTICATED') return told;
          code = terminal.interactive ? 0 : told;
        }
      }
    } catch (error) {
      return tell(error);
    }
    return code;
  }

  try {
    // Leaving waits for nothing: a turn goes on at the server and can be opened again.
    const left = terminal.left.then(() => (terminal.interactive ? EXIT.done : EXIT.interrupted));
    return await Promise.race([talk(), left]);
  } finally {
    client.dispose();
    terminal.close();
  }
}
