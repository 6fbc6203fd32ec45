import { homedir } from 'node:os';
import { AppError } from '../errors.ts';
import { CHAT_USAGE, type ChatArguments, readChatArguments } from './chat-arguments.ts';
import { runChat } from './run-chat.ts';
import { createTerminal } from './terminal.ts';
import { tokenFilePath } from './token-file.ts';

// `npm run chat`: a conversation in a terminal.
process.exit(await main());

async function main(): Promise<number> {
  let chosen: ChatArguments | null;
  try {
    chosen = readChatArguments(process.argv.slice(2), process.env);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
  if (!chosen) {
    process.stdout.write(CHAT_USAGE);
    return 0;
  }
  const terminal = createTerminal({
    input: process.stdin,
    output: process.stdout,
    onSignal(handler) {
      process.on('SIGINT', handler);
      return () => void process.off('SIGINT', handler);
    },
  });
  const code = await runChat({
    ...chosen,
    terminal,
    tokenFile: tokenFilePath(process.env, homedir()),
    writeError: (text) => void process.stderr.write(text),
  });
  // A pipe takes what is written later than an exit would.
  await new Promise((resolve) => process.stdout.write('', resolve));
  return code;
}
