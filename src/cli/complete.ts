import type { CommandUnknownOpts, Option } from '@commander-js/extra-typings';

export type Candidate = { value: string; description: string };

/** What may stand in the place of the last word, which may be empty. Nothing: files, perhaps. */
export function complete(program: CommandUnknownOpts, words: string[]): Candidate[] {
  const before = words.slice(0, -1);
  const word = words.at(-1) ?? '';
  let command = program;
  let pending: Option | undefined;
  let given = 0;
  for (const earlier of before) {
    if (pending) {
      pending = undefined;
      continue;
    }
    if (earlier.startsWith('-')) {
      const option = command.options.find(({ short, long }) => earlier === short || earlier === long);
      // Also one that may have a value: what follows is not a name of a command.
      if (option && (option.required || option.optional)) pending = option;
      continue;
    }
    const below = command.commands.find((one) => one.name() === earlier || one.aliases().includes(earlier));
    if (below) {
      command = below;
      given = 0;
    } else given++;
  }
  const candidates = pending ? choices(pending.argChoices) : candidatesOf(command, word, given);
  return candidates.filter(({ value }) => value.startsWith(word));
}

function candidatesOf(command: CommandUnknownOpts, word: string, given: number): Candidate[] {
  const help = command.createHelp();
  if (word.startsWith('-')) {
    return help.visibleOptions(command).flatMap(({ long, description }) => (long ? { value: long, description } : []));
  }
  const below = help.visibleCommands(command).map((one) => ({
    value: one.name(),
    description: one.summary() || one.description(),
  }));
  if (below.length > 0) return below;
  const expected =
    command.registeredArguments[given] ?? command.registeredArguments.findLast(({ variadic }) => variadic);
  return choices(expected?.argChoices);
}

function choices(values: readonly string[] | undefined): Candidate[] {
  return (values ?? []).map((value) => ({ value, description: '' }));
}
