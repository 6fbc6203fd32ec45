import { ColloquyError } from '@colloquy/sdk';
import { inPageWords } from '../texts/server-words.ts';
import { messageOf } from './api-error.ts';

/** What was wrong with what was sent: beside its fields, and what belongs to none of them. */
export type Faults<Name extends string> = { general: string | null; fields: { [name in Name]?: string } };

export const NO_FAULTS = { general: null, fields: {} } as const;

/** Sorts a failure to the fields of a form, whose names are the server's paths without "input." ("prompt.name"). */
export function faultsOf<Name extends string>(error: unknown, names: readonly Name[]): Faults<Name> {
  const fields: { [name in Name]?: string } = {};
  for (const [path, fault] of Object.entries(fieldsOf(error))) {
    const name = names.find((known) => path === known || path === `input.${known}`);
    if (name) fields[name] = fault;
  }
  return { general: Object.keys(fields).length > 0 ? null : messageOf(error), fields };
}

/** What was wrong with each field, by the server's paths ("input.name"), in the language of the page. */
export function fieldsOf(error: unknown): Readonly<Record<string, string>> {
  if (!(error instanceof ColloquyError)) return {};
  const { code, message, fields } = error;
  // Of a conflict the message is the sentence, and the field only says where.
  const words = Object.entries(fields).map(([path, fault]) => [
    path,
    inPageWords(code === 'CONFLICT' ? message : fault),
  ]);
  return Object.fromEntries(words);
}
