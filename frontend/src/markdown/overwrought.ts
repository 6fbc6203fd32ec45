import { createCodeLines } from './code-lines.ts';
import { createTextStarts } from './text-starts.ts';

/**
 * What no answer has that is meant to be read, and what takes a reader of Markdown time, or depth, that grows faster than
 * the text: a document can make a model repeat it. Each stands for a nesting, or for an opening that waits for its end.
 */
const PATTERNS = [
  // Quotes and lists within each other, on one line.
  /^(?:[ \t]*(?:>|[-+*][ \t]|\d{1,9}[.)][ \t])){32}/,
  // Lists within lists, line by line.
  /^[ \t]{120}[ \t]*(?:[-+*]|\d{1,9}[.)])[ \t]/,
  // Emphasis within emphasis. A line of nothing else is a rule.
  /(?<![*_~])[*_~]{48,}[^*_~\s]/,
  /`{48}/,
];

/** In one paragraph, one item of a list, one row of a table. */
const MOST_BRACKETS = 600;
const MOST_MARKS = 1_200;
/** Lines that go on with a quote or a list, without its marks, are read again and again. */
const MOST_LINES = 2_000;

/** Makes a heading of the text above it, for which the reader goes through all that it has read. */
const UNDERLINE = /^[ \t>]*(?:=+|-+)[ \t]*$/;
/** In the whole text. */
const MOST_UNDERLINES = 300;

/** Whether a text is shown as it is, because it costs too much to read as Markdown. Looks at every character once. */
export function isOverwrought(text: string): boolean {
  const isCode = createCodeLines();
  const starts = createTextStarts();
  let brackets = 0;
  let ends = 0;
  let marks = 0;
  let lines = 0;
  let underlines = 0;
  let before = '';
  for (const line of text.split(/\r\n|\n|\r/)) {
    // Banners of comments and lists of lists are common in it, and cost nothing.
    if (isCode(line)) continue;
    if (PATTERNS.some((pattern) => pattern.test(line))) return true;
    if (starts(line)) {
      brackets = 0;
      ends = 0;
      marks = 0;
      lines = 0;
    }
    lines += 1;
    if (before !== '' && UNDERLINE.test(line)) underlines += 1;
    before = line;
    for (const character of line) {
      if (character === '[') brackets += 1;
      else if (character === ']') ends += 1;
      else if (character === '*' || character === '_' || character === '~') marks += 1;
    }
    const isLong = Math.max(brackets, ends) > MOST_BRACKETS || marks > MOST_MARKS || lines > MOST_LINES;
    if (isLong || underlines > MOST_UNDERLINES) return true;
  }
  return false;
}
