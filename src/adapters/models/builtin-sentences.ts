/** A sentence, or a line that is none (a heading, a row of a table, an item of a list). */
export type Sentence = { text: string; isProse: boolean };

const segmenter = new Intl.Segmenter(undefined, { granularity: 'sentence' });

/** From here on a line was probably broken by the width of a page and goes on in the next. */
const BROKEN_LINE = 35;
const BROKEN_LINE_UNSPACED = 15;
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
const LONG_SENTENCE = 220;
const MAX_SENTENCE = 420;

const ENDS = /[.!?…。！？؟।։።]["'”’»)\]]*$/u;
/** What ends with a full stop and is not at its end: "Dr.", "z. B.", "No.", an initial. */
const ABBREVIATION =
  /(?:^|[\s(])(?:\p{L}|dr|mr|mrs|ms|prof|st|no|nos|nr|fig|art|sec|vol|vs|approx|ca|cf|incl|inkl|bzw|abs|str|tel|evtl|usw|e\.g|i\.e|z\.b|p\.ex|ej|sra?|av)\.$/iu;
/** Scripts that separate sentences by a space and nothing else. */
const SPACE_ENDS = /[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** The sentences of a text in their order, in any language. */
export function sentencesOf(text: string): Sentence[] {
  return blocksOf(text).flatMap(({ text: block, isProse }): Sentence[] =>
    (isProse ? splitBlock(block) : bounded(block)).map((piece) => ({ text: piece, isProse })),
  );
}

/** Lines that belong together as one text; what stands alone without an end is no prose. */
function blocksOf(text: string): Sentence[] {
  const blocks: Sentence[] = [];
  let open = '';
  const close = () => {
    if (open !== '') blocks.push({ text: open, isProse: ENDS.test(open) || open.length > LONG_SENTENCE });
    open = '';
  };
  for (const raw of text.split(/\r\n|[\n\r\u2028\u2029\f]/)) {
    const line = raw.replace(/[\s\p{Cc}]+/gu, ' ').trim();
    const begins = line === '' || /^(?:[-*+•–|#>]|\d+[.)]\s)/.test(line);
    if (begins || isRow(raw)) close();
    if (line === '') continue;
    open = open === '' ? line : `${open} ${line}`;
    if (isRow(raw) || line.length < (UNSPACED.test(line) ? BROKEN_LINE_UNSPACED : BROKEN_LINE)) close();
  }
  close();
  return blocks;
}

/** Of a table, as a line of cells or of comma-separated values. */
function isRow(line: string): boolean {
  return /\||\t/.test(line) || (line.match(/[,;](?=[^\s])/g)?.length ?? 0) >= 2;
}

function splitBlock(block: string): string[] {
  const sentences: string[] = [];
  for (const { segment } of segmenter.segment(block)) {
    const before = sentences.at(-1);
    // Also "ca. 30": what goes on with a small letter or a digit after an abbreviation is the same sentence.
    if (before !== undefined && (ABBREVIATION.test(before.trimEnd()) || /^\p{Ll}/u.test(segment))) {
      sentences[sentences.length - 1] = before + segment;
    } else sentences.push(segment);
  }
  return sentences.flatMap((sentence) => {
    const bare = sentence.trim();
    return SPACE_ENDS.test(bare) && bare.length > LONG_SENTENCE ? joinPieces(bare.split(' ')) : bounded(bare);
  });
}

/** Pieces of such a script, joined until they are as long as a sentence. */
function joinPieces(pieces: string[]): string[] {
  const joined: string[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (last !== undefined && last.length + piece.length < LONG_SENTENCE / 2)
      joined[joined.length - 1] = `${last} ${piece}`;
    else joined.push(piece);
  }
  return joined.flatMap(bounded);
}

/** What is too long for a sentence is cut, at a space where there is one. */
function bounded(text: string): string[] {
  const pieces: string[] = [];
  let rest = text;
  while (rest.length > MAX_SENTENCE) {
    const space = rest.lastIndexOf(' ', MAX_SENTENCE);
    let end = space > MAX_SENTENCE / 2 ? space : MAX_SENTENCE;
    if (/[\ud800-\udbff]/.test(rest[end - 1] ?? '')) end -= 1;
    pieces.push(rest.slice(0, end).trim());
    rest = rest.slice(end).trim();
  }
  return [...pieces, rest].filter(Boolean);
}
