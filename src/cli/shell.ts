import { existsSync } from 'node:fs';
import { loadEnvFile } from 'node:process';
import { styleText } from 'node:util';

export type Style = Parameters<typeof styleText>[0];

/** What a command has of the world. */
export type Shell = {
  /** With the file `.env` of the folder that it is run in. */
  environment(): Record<string, string | undefined>;
  /** To standard output: what was asked for, and nothing else. */
  write(text: string): void;
  /** To standard error: everything else. */
  writeError(text: string): void;
  /** Columns of the terminal that shows the output. Null: it goes to a file, or to another program. */
  columns: number | null;
  /** For a terminal that shows colours, unless NO_COLOR says otherwise; else as it is. */
  style(format: Style, text: string): string;
  /** Aborts at the first Ctrl-C. A second one ends the process. */
  signal(): AbortSignal;
  interrupted(): boolean;
};

export function createShell(): Shell {
  let stop: AbortController | undefined;
  let isRead = false;
  let isWatched = false;
  const { stdout, stderr } = process;

  return {
    environment() {
      if (!isRead && existsSync('.env')) loadEnvFile('.env');
      isRead = true;
      return process.env;
    },
    write(text) {
      if (!isWatched) stdout.on('error', endOfReader);
      isWatched = true;
      stdout.write(text);
    },
    writeError: (text) => void stderr.write(text),
    columns: stdout.isTTY ? (stdout.columns ?? 80) : null,
    style: (format, text) => styleText(format, text, { stream: stdout }),
    signal() {
      if (stop) return stop.signal;
      const controller = new AbortController();
      stop = controller;
      process.once('SIGINT', () => controller.abort());
      process.once('SIGTERM', () => controller.abort());
      return controller.signal;
    },
    interrupted: () => stop?.signal.aborted ?? false,
  };
}

/** As of `colloquy files list | head -1`: whoever reads it has enough, which is no fault. */
function endOfReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
}
