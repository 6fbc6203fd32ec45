import { StringStream } from '@codemirror/streamparser';
import { INDENT, type LineParser } from './line-parser.ts';
import { kindOf, type TokenKind } from './token-kind.ts';

/** A piece of a line, and what it is coloured by. */
export type Token = { text: string; kind: TokenKind | null };

/** A longer line is data, not code. */
const LONGEST_LINE = 1_000;
/** What a language may say without going on. */
const TRIES = 10;

/** The words of one line. `state` is what the line before has left; it becomes what this one leaves. */
export function highlightLine(parser: LineParser, line: string, state: unknown): Token[] {
  if (line.length > LONGEST_LINE) return [{ text: line, kind: null }];
  if (line === '') {
    parser.blankLine?.(state, INDENT);
    return [];
  }
  const tokens: Token[] = [];
  const stream = new StringStream(line, INDENT, INDENT);
  while (!stream.eol()) {
    const kind = kindOf(nextStyle(parser, stream, state));
    const text = stream.current();
    const last = tokens.at(-1);
    if (last && last.kind === kind) last.text += text;
    else tokens.push({ text, kind });
  }
  return tokens;
}

function nextStyle(parser: LineParser, stream: StringStream, state: unknown): string | null {
  stream.start = stream.pos;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const style = parser.token(stream, state);
    if (stream.pos > stream.start) return style;
  }
  // Whatever it waits for does not come.
  stream.next();
  return null;
}
