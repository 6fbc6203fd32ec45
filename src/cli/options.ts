import { InvalidArgumentError, Option } from '@commander-js/extra-typings';

// Options that several commands have.

export const URL_OPTION = new Option(
  '--url <url>',
  'the server; default: COLLOQUY_URL, else PORT of this machine',
).argParser(readUrl);
export const KEY_OPTION = new Option(
  '--key <key>',
  'an API key, in place of a sign-in; better in COLLOQUY_API_KEY, where no list of processes shows it',
);
export const JSON_OPTION = new Option('--json', 'for scripts: JSON, and nothing else, on standard output');
export const YES_OPTION = new Option('--yes', 'do not ask');

/** A number of these, as an option's value. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It is a whole number from ${min} to ${max}.`);
  };
}

function readUrl(text: string): string {
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text;
  throw new InvalidArgumentError('It begins with http:// or https://.');
}

/** What stands below the help of a command. */
export function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ colloquy ${line}\n`).join('')}`;
}
