import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import type { TerminalStreams } from '../../src/cli/terminal.ts';

export type FakeTerminal = ReturnType<typeof createFakeTerminal>;

export const CTRL_C = '\u0003';
export const CTRL_D = '\u0004';

/** A keyboard and a screen: what is typed goes through the same line editor as a person's. */
export function createFakeTerminal({ isTTY = true } = {}) {
  const input = Object.assign(new PassThrough(), { isTTY });
  const output = Object.assign(new PassThrough(), { isTTY, columns: 120 });
  const watchers = new Set<() => void>();
  let screen = '';
  let seen = 0;
  output.setEncoding('utf8');
  output.on('data', (chunk: string) => {
    screen += stripVTControlCharacters(chunk);
    for (const watcher of [...watchers]) watcher();
  });
  const streams: TerminalStreams = { input, output, onSignal: () => () => {} };

  return {
    streams,
    /** All that was shown. */
    screen: () => screen,
    type: (text: string) => void input.write(text),
    /** As `type`, with the key Enter. */
    enter: (line: string) => void input.write(`${line}\r`),
    end: () => void input.end(),
    /** Waits until the text is shown, behind what was waited for before. Returns what came before it. */
    async until(text: string): Promise<string> {
      const before = await new Promise<string>((resolve, reject) => {
        const check = () => {
          const index = screen.indexOf(text, seen);
          if (index < 0) return;
          clearTimeout(timer);
          watchers.delete(check);
          const passed = screen.slice(seen, index);
          seen = index + text.length;
          resolve(passed);
        };
        const timer = setTimeout(() => {
          watchers.delete(check);
          reject(new Error(`"${text}" is not shown, but:\n${screen.slice(seen)}`));
        }, 10_000);
        watchers.add(check);
        check();
      });
      return before;
    },
  };
}
