import { texts } from './texts.ts';

/** Sentences of the server's in the language of the page; what no catalogue has is quoted. */
export function inPageWords(said: string): string {
  // One word is a name.
  return translated(said, texts.serverWords) ?? (/\s/.test(said) ? texts.errors.quote(said) : said);
}

/** `known`: of a language, by the server's own words. Null: they are not among them. */
export function translated(said: string, known: Readonly<Record<string, string>>): string | null {
  if (Object.hasOwn(known, said)) return known[said] ?? null;
  // Several of them, one after the other: before a gap takes most of them.
  const pieces = said.split(/(?<=\.) /);
  const words = pieces.map((piece) => sentence(piece, known));
  return words.every((word) => word !== null) ? words.join(' ') : sentence(said, known);
}

function sentence(said: string, known: Readonly<Record<string, string>>): string | null {
  if (Object.hasOwn(known, said)) return known[said] ?? null;
  for (const [pattern, words] of Object.entries(known)) {
    const gaps = pattern.includes('{}') ? gapsIn(said, pattern.split('{}')) : null;
    if (gaps) return filled(words, gaps, known);
  }
  // What somebody says: "openai: It is odd."
  const [, name, rest] = /^([\w-]+): (.+)$/s.exec(said) ?? [];
  const words = rest === undefined ? null : sentence(rest, known);
  return words === null ? null : `${name}: ${words}`;
}

/** `{}` takes what stands in a gap as it is; `{said}` is a sentence by itself, which is quoted where it is not known. */
function filled(words: string, gaps: string[], known: Readonly<Record<string, string>>): string {
  return words.replaceAll(/\{(said)?\}/g, (_gap, isSaid?: string) => {
    const gap = gaps.shift() ?? '';
    return isSaid ? (translated(gap, known) ?? texts.errors.quote(gap)) : gap;
  });
}

/** What stands between the parts of a pattern; null where they are not all there. */
function gapsIn(said: string, [first = '', ...rest]: readonly string[]): string[] | null {
  if (!said.startsWith(first)) return null;
  const gaps: string[] = [];
  let begin = first.length;
  for (const [index, part] of rest.entries()) {
    const end = index === rest.length - 1 ? said.length - part.length : said.indexOf(part, begin);
    if (end <= begin || !said.startsWith(part, end)) return null;
    gaps.push(said.slice(begin, end));
    begin = end + part.length;
  }
  return gaps;
}
