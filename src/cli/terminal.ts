import { createInterface, type Interface } from 'node:readline';
import { type Readable, Writable } from 'node:stream';
import { styleText } from 'node:util';

export type Terminal = {
  /** A person sits before it. Otherwise lines come from a file or a pipe, and nobody is asked or shown more than needed. */
  interactive: boolean;
  write(text: string): void;
  /** For what is secondary. */
  dim(text: string): string;
  /** The next line; null when there is none any more, or the person has left. */
  ask(prompt: string): Promise<string | null>;
  /** As `ask`, without showing what is typed. */
  askSecret(prompt: string): Promise<string | null>;
  /** Handles Ctrl-C until the returned function is called. Where nobody handles it, it leaves. */
  onInterrupt(handler: () => void): () => void;
  leave(): void;
  /** Resolves when the person wants to leave. */
  left: Promise<void>;
  close(): void;
};

export type TerminalStreams = {
  input: Readable & { isTTY?: boolean };
  output: Writable & { isTTY?: boolean; columns?: number };
  /** Default: where a person sits before it. */
  colours?: boolean;
  /** Ctrl-C where the input is no terminal. Returns what stops listening. */
  onSignal: (handler: () => void) => () => void;
};

export function createTerminal({ input, output, colours = true, onSignal }: TerminalStreams): Terminal {
  const interactive = Boolean(input.isTTY && output.isTTY);
  const left = Promise.withResolvers<void>();
  const typed: string[] = [];
  const handlers: (() => void)[] = [];
  let waiting: ((line: string | null) => void) | null = null;
  let muted = true;
  let secret = false;
  let ended = false;

  // What readline echoes is shown only while a question is open: never a password, and nothing within an answer.
  const echo = new Writable({
    write(chunk, _encoding, done) {
      if (!muted) output.write(chunk);
      done();
    },
  });
  const readline: Interface = createInterface({
    input,
    ...(interactive && { output: Object.assign(echo, { columns: output.columns ?? 80 }) }),
    terminal: interactive,
    historySize: 100,
  });

  readline.on('line', (line) => {
    if (waiting) answer(line);
    else typed.push(line);
  });
  // A pipe without end is read no faster than it is used; a keyboard is read always, for its Ctrl-C.
  if (!interactive) readline.pause();
  readline.on('history', (history: string[]) => {
    if (secret) history.shift();
  });
  readline.on('close', () => {
    ended = true;
    answer(null);
  });
  readline.on('SIGINT', interrupt);
  const stopListening = onSignal(interrupt);

  function answer(line: string | null): void {
    const resolve = waiting;
    waiting = null;
    muted = true;
    if (!interactive && !ended) readline.pause();
    resolve?.(line);
  }

  function interrupt(): void {
    const handler = handlers.at(-1);
    if (handler) handler();
    else leave();
  }

  function leave(): void {
    if (waiting && interactive) output.write('\n');
    left.resolve();
    answer(null);
  }

  async function ask(prompt: string): Promise<string | null> {
    const early = typed.shift();
    if (early !== undefined) {
      if (interactive) output.write(secret ? `${prompt}\n` : `${prompt}${early}\n`);
      return early;
    }
    if (ended) return null;
    const line = new Promise<string | null>((resolve) => {
      waiting = resolve;
    });
    if (!interactive) readline.resume();
    else if (secret) output.write(prompt);
    else {
      muted = false;
      readline.setPrompt(prompt);
      // What was typed ahead stays in the line.
      readline.prompt(true);
    }
    return line;
  }

  return {
    interactive,
    write: (text) => void output.write(text),
    dim: (text) => (interactive && colours ? styleText('dim', text, { validateStream: false }) : text),
    ask,
    async askSecret(prompt) {
      secret = true;
      try {
        const line = await ask(prompt);
        if (interactive && line !== null) output.write('\n');
        return line;
      } finally {
        secret = false;
      }
    },
    onInterrupt(handler) {
      handlers.push(handler);
      return () => void handlers.splice(handlers.indexOf(handler), 1);
    },
    leave,
    left: left.promise,
    close() {
      stopListening();
      readline.close();
    },
  };
}
