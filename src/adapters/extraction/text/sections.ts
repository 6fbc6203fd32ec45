import type { TextBlock, TextSection } from '../../../ports/file-reader.ts';
import { BLOCK_LENGTH, SECTION_LENGTH } from '../limits.ts';
import { Refusal, TOO_MUCH_TEXT } from '../refusal.ts';
import { cleanText } from './clean.ts';
import { cutPoints } from './cuts.ts';

export type NewBlock = {
  type: TextBlock['type'];
  text: string;
  level?: number | undefined;
  /** White space before it. */
  indent?: string | undefined;
  /** What separates it from the next one. Default: an empty line. '': the next one continues it. */
  after?: '\n\n' | '\n' | '' | undefined;
};

export type Sections = ReturnType<typeof createSections>;

/** Makes sections of blocks: cleans and cuts them, counts their offsets, and keeps pages apart. */
export function createSections(maxCharacters: number) {
  const done: TextSection[] = [];
  let parts: string[] = [];
  let length = 0;
  let blocks: TextBlock[] = [];
  let page: number | null = null;
  let total = 0;
  let continues = false;
  /** What was added last, where only the end of a line follows it. */
  let above: TextBlock['type'] | null = null;

  function flush(): void {
    if (length > 0) done.push({ text: parts.join(''), page, blocks });
    parts = [];
    blocks = [];
    length = 0;
  }

  function append(text: string): void {
    parts.push(text);
    length += text.length;
    total += text.length;
    if (total > maxCharacters) throw new Refusal(TOO_MUCH_TEXT);
  }

  /** Adds one piece; its block is what is not white space at its ends. */
  function addPiece(piece: string, { type, level }: NewBlock): void {
    const begin = piece.length - piece.trimStart().length;
    const text = piece.trim();
    if (text !== '') {
      // The indentation of code is part of it.
      const start = type === 'code' ? piece.lastIndexOf('\n', begin) + 1 : begin;
      const offsets = { start: length + start, end: length + begin + text.length };
      blocks.push(level === undefined ? { type, ...offsets } : { type, level, ...offsets });
    }
    append(piece);
  }

  return {
    get page() {
      return page;
    },
    turnTo(next: number | null) {
      if (next === page) return;
      flush();
      page = next;
    },
    add(block: NewBlock) {
      const after = block.after ?? '\n\n';
      let text = cleanText(block.text);
      if (!continues) text = block.type === 'code' ? text.replace(/^\n+/, '') : text.trimStart();
      if (after !== '') text = text.trimEnd();
      if (text.trim() === '' && !(continues && after !== '')) return;
      if (length > SECTION_LENGTH) flush();
      // What is close to each other is of one kind.
      if (above !== null && above !== block.type && length > 0) append('\n');
      if (block.indent && !continues) append(block.indent);
      let from = 0;
      for (const end of cutPoints(text, BLOCK_LENGTH)) {
        if (length > SECTION_LENGTH) flush();
        addPiece(text.slice(from, end), block);
        from = end;
      }
      if (after !== '') append(after);
      continues = after === '';
      above = after === '\n' ? block.type : null;
    },
    /** The sections that are complete. */
    take(): TextSection[] {
      return done.splice(0);
    },
    end() {
      if (continues && length > 0) append('\n');
      continues = false;
      flush();
    },
  };
}
