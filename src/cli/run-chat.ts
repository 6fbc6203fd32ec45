import { type ClientOptions, ColloquyError, createClient } from '@colloquy/sdk';
import type { ChatArguments } from './chat-arguments.ts';
import { createChatSession } from './chat-session.ts';
import { explain } from './explain.ts';
import { signIn } from './sign-in.ts';
import type { Terminal } from './terminal.ts';
import { createTokenFile } from './token-file.ts';

export type RunChatOptions = ChatArguments & {
  terminal: Terminal;
  tokenFile: string;
  /** For what is not part of the conversation. */
  writeError: (text: string) => void;
  clientOptions?: Partial<ClientOptions>;
};

/** As shells tell of a program that Ctrl-C ended. */
const INTERRUPTED = 130;

/**
 * The chat from sign-in to farewell. Resolves to the exit code: 1 when it could not begin or go on, and for a script also
 * when its last prompt failed.
 */
export async function runChat(options: RunChatOptions): Promise<number> {
  const { terminal, url } = options;
  const client = createClient({
    url,
    tokenStore: createTokenFile(options.tokenFile, new URL(url).href),
    // From one prompt to the next, so that the second one does not wait for a handshake.
    idleSocketMs: 60_000,
    ...options.clientOptions,
  });
  const tell = (error: unknown) => {
    const explanation = explain(error, url);
    if (explanation === null) throw error;
    options.writeError(`${explanation}\n`);
  };

  async function talk(): Promise<number> {
    let code = 0;
    try {
      const username = await signIn({ ...options, client, server: url });
      if (username === null) return 1;
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
          tell(error);
          // Nothing else will succeed either.
          if (error instanceof ColloquyError && error.code === 'UNAUTHENTICATED') return 1;
          code = terminal.interactive ? 0 : 1;
        }
      }
    } catch (error) {
      tell(error);
      code = 1;
    }
    return code;
  }

  try {
    // Leaving waits for nothing: a turn goes on at the server and can be opened again.
    const left = terminal.left.then(() => (terminal.interactive ? 0 : INTERRUPTED));
    return await Promise.race([talk(), left]);
  } finally {
    client.dispose();
    terminal.close();
  }
}
