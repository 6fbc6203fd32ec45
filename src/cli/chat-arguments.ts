import { parseArgs } from 'node:util';
import { AppError } from '../errors.ts';

export type ChatArguments = {
  url: string;
  username: string | undefined;
  password: string | undefined;
  model: string | undefined;
};

export const CHAT_USAGE = `Chats with a Colloquy server.

  npm run chat -- [--url URL] [--username NAME] [--model NAME]

  --url URL         the server; default: COLLOQUY_URL, else http://127.0.0.1:4000
  --username NAME   sign in as; default: COLLOQUY_USERNAME, else as the last time
  --model NAME      the model that answers, such as ollama/llama3.2:3b
  --help            this

The password is asked for, or taken from COLLOQUY_PASSWORD. The sign-in is kept for the next time. Lines may also come from
a pipe: echo "Hello" | npm run --silent chat
`;

/** Null: the person wants to know how it is called. Throws AppError for what nobody can understand. */
export function readChatArguments(
  words: string[],
  environment: Record<string, string | undefined>,
): ChatArguments | null {
  const values = parse(words);
  if (values.help) return null;
  const url = values.url || environment.COLLOQUY_URL || 'http://127.0.0.1:4000';
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    throw new AppError({
      code: 'BAD_USER_INPUT',
      message: `"${url}" is no address that begins with http:// or https://.`,
    });
  }
  return {
    url,
    username: values.username || environment.COLLOQUY_USERNAME || undefined,
    password: environment.COLLOQUY_PASSWORD || undefined,
    model: values.model || undefined,
  };
}

function parse(words: string[]) {
  try {
    const text = { type: 'string' } as const;
    const options = { url: text, username: text, model: text, help: { type: 'boolean', short: 'h' } } as const;
    return parseArgs({ args: words, options }).values;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new AppError({ code: 'BAD_USER_INPUT', message: `${message}\n\n${CHAT_USAGE}`, cause: error });
  }
}
