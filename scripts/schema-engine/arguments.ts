export type EngineArguments = {
  /** `serve` speaks JSON-RPC over standard input and output; the others run once. */
  command: 'serve' | 'version' | 'can-connect-to-database' | 'create-database' | 'drop-database';
  schemaFiles: string[];
  url: string;
};

const ONCE = ['can-connect-to-database', 'create-database', 'drop-database'] as const;

/** Reads the command line of the native engine. Flags that change nothing here are skipped. */
export function parseArguments(words: string[]): EngineArguments {
  const parsed: EngineArguments = { command: 'serve', schemaFiles: [], url: '' };
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index];
    if (word === '--version' || word === '-V') return { ...parsed, command: 'version' };
    const value = words[index + 1] ?? '';
    if (word === '--datamodels') parsed.schemaFiles.push(value);
    else if (word === '--datasource') parsed.url = (JSON.parse(value) as { url?: string }).url ?? '';
    else if (word === 'cli') parsed.command = onceCommand(value);
    else if (!word?.startsWith('-')) continue;
    index += 1;
  }
  return parsed;
}

function onceCommand(name: string): EngineArguments['command'] {
  const found = ONCE.find((command) => command === name);
  if (found === undefined) throw new Error(`The schema engine has no command ${name}.`);
  return found;
}
