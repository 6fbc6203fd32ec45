import { parseArgs } from 'node:util';
import type { ModelsSession } from '../app/models-session.ts';
import { AppError } from '../errors.ts';
import { plainText } from './plain-text.ts';
import { createProgressBar, formatBytes } from './progress-bar.ts';

export const MODELS_USAGE = `Models: what there is, and how to get more. No server needs to run.

  npm run models -- list [--json]
  npm run models -- pull MODEL                 ollama/llama3.2:3b
                                               llama-cpp/hf:owner/repository/file.gguf
                                               llama-cpp/hf:owner/repository:Q4_K_M
  npm run models -- pull --list-files SOURCE   what llama-cpp/hf:owner/repository offers
  npm run models -- remove MODEL               as list names it

Files go to MODELS_DIR. A pull that is broken off goes on where it was. HF_ENDPOINT and HF_TOKEN say where they come from.
`;

export type ModelsCommand =
  | { type: 'list'; json: boolean }
  | { type: 'pull'; model: string }
  | { type: 'files'; source: string; json: boolean }
  | { type: 'remove'; model: string };

/** Null: the person wants to know how it is called. Throws AppError for what nobody can understand. */
export function readModelsArguments(words: string[]): ModelsCommand | null {
  const { values, positionals } = parse(words);
  const [command, name, ...more] = positionals;
  if (values.help || command === undefined) return null;
  if (more.length > 0) throw wrong(`There is one model too many: ${more[0]}`);
  if (command === 'list' && name === undefined) return { type: 'list', json: values.json };
  if (name !== undefined) {
    if (command === 'pull' && values['list-files']) return { type: 'files', source: name, json: values.json };
    if (command === 'pull') return { type: 'pull', model: name };
    if (command === 'remove') return { type: 'remove', model: name };
  }
  throw wrong(command === 'pull' || command === 'remove' ? `Which model? ${command} MODEL` : `There is no ${command}`);
}

function parse(words: string[]) {
  try {
    return parseArgs({
      args: words,
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        'list-files': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (cause) {
    throw wrong(cause instanceof Error ? (cause.message.split('.')[0] ?? '') : String(cause));
  }
}

function wrong(reason: string): AppError {
  return new AppError({ code: 'BAD_USER_INPUT', message: `${reason}.\n\n${MODELS_USAGE}` });
}

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
  else if (command.type === 'pull') return pull(run, command.model);
  else {
    await session.remove(command.model, signal);
    write(`${plainText(command.model)} is removed.\n`);
  }
  return 0;
}

async function list({ session, write }: RunModels, json: boolean): Promise<void> {
  const { models, providers } = await session.list();
  if (json) {
    write(`${JSON.stringify({ models, providers }, null, 2)}\n`);
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
  if (json) write(`${JSON.stringify(files, null, 2)}\n`);
  else if (files.length === 0) write('There are no GGUF files.\n');
  else
    write(
      table(files.map(({ name, sizeBytes }) => [plainText(name), sizeBytes === null ? '' : formatBytes(sizeBytes)])),
    );
}

async function pull({ session, write, columns, now, signal }: RunModels, model: string): Promise<number> {
  const bar = createProgressBar({ write, columns, now });
  try {
    for await (const progress of session.pull(model, signal)) bar.show(progress);
  } catch (error) {
    bar.end();
    if (!signal.aborted) throw error;
    write('Broken off. The same command goes on where it was.\n');
    return 130;
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
