import type { ModelsSession } from '../app/models-session.ts';
import { formatBytes } from '../util/format-bytes.ts';
import { EXIT } from './exit-codes.ts';
import { plainText } from './plain-text.ts';
import { createProgressBar } from './progress-bar.ts';

export type ModelsCommand =
  | { type: 'list'; json: boolean }
  | { type: 'pull'; model: string; json: boolean }
  | { type: 'files'; source: string; json: boolean }
  | { type: 'remove'; model: string; json: boolean };

export type RunModels = {
  command: ModelsCommand;
  session: ModelsSession;
  write: (text: string) => void;
  /** Columns of the terminal that shows it. Null: it goes to a file, or to another program. */
  columns: number | null;
  now: () => number;
  /** Aborts when the person has had enough. */
  signal: AbortSignal;
};

/** Returns the exit code. Throws AppError. */
export async function runModels(run: RunModels): Promise<number> {
  const { command, session, write, signal } = run;
  if (command.type === 'list') await list(run, command.json);
  else if (command.type === 'files') await listFiles(run, command.source, command.json);
  else if (command.type === 'pull') return pull(run, command.model, command.json);
  else {
    await session.remove(command.model, signal);
    if (command.json) write(`${JSON.stringify({ removed: command.model })}\n`);
    else write(`${plainText(command.model)} is removed.\n`);
  }
  return 0;
}

async function list({ session, write }: RunModels, json: boolean): Promise<void> {
  const { models, providers } = await session.list();
  if (json) {
    write(`${JSON.stringify({ models, providers })}\n`);
    return;
  }
  const rows = models.map((model) => [
    `${plainText(model.id)}${model.isDefault ? ' (default)' : ''}`,
    model.sizeBytes === null ? '' : formatBytes(model.sizeBytes),
    model.quantization ?? '',
    model.contextWindow === null ? '' : `${model.contextWindow} tokens`,
    model.embedding ? 'no chat' : '',
  ]);
  write(table(rows));
  const faults = providers.filter(({ state, message }) => message && state !== 'OK' && state !== 'DISABLED');
  for (const { provider, message } of faults) write(`${provider}: ${plainText(message ?? '')}\n`);
}

async function listFiles({ session, write, signal }: RunModels, source: string, json: boolean): Promise<void> {
  const files = await session.files(source, signal);
  if (json) write(`${JSON.stringify(files)}\n`);
  else if (files.length === 0) write('There are no GGUF files.\n');
  else
    write(
      table(files.map(({ name, sizeBytes }) => [plainText(name), sizeBytes === null ? '' : formatBytes(sizeBytes)])),
    );
}

/** As JSON, a line for each step. */
async function pull(run: RunModels, model: string, json: boolean): Promise<number> {
  const { session, write, columns, now, signal } = run;
  if (json) {
    for await (const progress of session.pull(model, signal)) write(`${JSON.stringify(progress)}\n`);
    return EXIT.done;
  }
  const bar = createProgressBar({ write, columns, now });
  try {
    for await (const progress of session.pull(model, signal)) bar.show(progress);
  } catch (error) {
    bar.end();
    if (!signal.aborted) throw error;
    write('Broken off. The same command goes on where it was.\n');
    return EXIT.interrupted;
  }
  bar.end();
  write(`${plainText(model)} is there.\n`);
  return 0;
}

/** Rows in columns: the first to the left. */
function table(rows: string[][]): string {
  const widths = rows.reduce<number[]>(
    (all, row) => row.map((cell, index) => Math.max(all[index] ?? 0, cell.length)),
    [],
  );
  const lines = rows.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return lines.map((line) => `${line}\n`).join('');
}
