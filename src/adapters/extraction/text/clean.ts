// biome-ignore lint/suspicious/noControlCharactersInRegex: they end lines
const LINE_ENDS = /\r\n?|[\u000b\u000c\u0085\u2028\u2029]/g;
/** Control characters but tab and line feed, soft hyphens and byte order marks (both split words), and noncharacters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
const UNWANTED = /[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\ufeff\ufffe\uffff]/g;
/** Most text needs none of the work. */
const PLAIN = /^[\n\u0020-\u007e]*$/;

/** Text as it is kept: NFC, lines that end in a line feed and in no space, no control characters, no lone surrogates. */
export function cleanText(text: string): string {
  let clean = text;
  if (!PLAIN.test(text)) {
    clean = text.toWellFormed().replace(LINE_ENDS, '\n').replace(UNWANTED, '').normalize('NFC');
  }
  return clean.includes(' \n') || clean.includes('\t\n') || clean.includes('\u00a0\n') ? trimLines(clean) : clean;
}

/** Line by line: a pattern such as /\s+$/m takes quadratic time on a long run of spaces. */
function trimLines(text: string): string {
  return text
    .split('\n')
    .map((line, index, lines) => (index === lines.length - 1 ? line : line.trimEnd()))
    .join('\n');
}

/** Words on one line. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
