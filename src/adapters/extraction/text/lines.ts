import { BLOCK_LENGTH } from '../limits.ts';
import type { DecodedChunk } from './decode.ts';

export type Line = {
  text: string;
  /** False: the line is so long that it comes in pieces, and this is not the last one. */
  ends: boolean;
};

/** Lines of a text that comes in pieces. Yields batches, with how far the text has been read. */
export async function* linesOf(
  chunks: AsyncIterable<DecodedChunk>,
): AsyncGenerator<{ lines: Line[]; fraction: number }> {
  let rest = '';
  for await (const { text, fraction } of chunks) {
    const lines: Line[] = [];
    let all = rest + text;
    // It may be the first half of the end of a line.
    let held = '';
    if (all.endsWith('\r')) {
      all = all.slice(0, -1);
      held = '\r';
    }
    const found = all.split(/\r\n|[\n\r\u0085\u2028\u2029]/);
    rest = (found.pop() ?? '') + held;
    for (const line of found) pushLine(lines, line, true);
    if (rest.length > BLOCK_LENGTH) {
      const keep = isHigh(rest.charCodeAt(rest.length - 1)) || held !== '' ? 1 : 0;
      pushLine(lines, rest.slice(0, rest.length - keep), false);
      rest = rest.slice(rest.length - keep);
    }
    yield { lines, fraction };
  }
  if (rest !== '') {
    const lines: Line[] = [];
    for (const line of rest.replace(/\r$/, '').split('\r')) pushLine(lines, line, true);
    yield { lines, fraction: 1 };
  }
}

function pushLine(lines: Line[], text: string, ends: boolean): void {
  let from = 0;
  while (text.length - from > BLOCK_LENGTH * 2) {
    const to = from + BLOCK_LENGTH - (isHigh(text.charCodeAt(from + BLOCK_LENGTH - 1)) ? 1 : 0);
    lines.push({ text: text.slice(from, to), ends: false });
    from = to;
  }
  lines.push({ text: from === 0 ? text : text.slice(from), ends });
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
