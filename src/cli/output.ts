import type { Shell } from './shell.ts';
import { table } from './table.ts';

/** What a command answers: JSON for scripts, a text for people. */
export type Output = {
  json: boolean;
  /** With --json the value, on one line; else the text. */
  show(value: unknown, text: string): void;
  /** With --json the list, on one line; else a table, or a sentence where there is nothing. */
  list(values: unknown[], columns: { head: string[]; rows: string[][]; nothing: string }): void;
  /** What only a person wants to know. */
  note(text: string): void;
};

export function createOutput(shell: Shell, json: boolean): Output {
  const document = (value: unknown) => shell.write(`${JSON.stringify(value)}\n`);
  return {
    json,
    show(value, text) {
      if (json) document(value);
      else shell.write(text);
    },
    list(values, { head, rows, nothing }) {
      if (json) document(values);
      else if (rows.length === 0) shell.write(`${nothing}\n`);
      else shell.write(table(head, rows, shell.columns, (text) => shell.style('bold', text)));
    },
    note(text) {
      if (!json) shell.write(`${text}\n`);
    },
  };
}
