import { decodeFile } from '../text/decode.ts';
import { createLineBlock } from '../text/line-blocks.ts';
import { type Line, linesOf } from '../text/lines.ts';
import type { Sections } from '../text/sections.ts';
import type { Format } from './format.ts';

const HEADING = /^ {0,3}(#{1,6})(?:[ \t]|$)/;
const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const ITEM = /^\s*(?:[-*+]|\d{1,9}[.)])(?:\s|$)/;
const DELIMITER_ROW = /^ {0,3}\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;
const RULE = /^ {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$/;

/** Markdown as it is written, with its structure. */
export const readMarkdown: Format = async function* (source, sections) {
  const reader = createMarkdownReader(sections);
  for await (const { lines, fraction } of linesOf(decodeFile(source.path, source.size))) {
    for (const line of lines) reader.add(line);
    yield fraction;
  }
  reader.end();
};

function createMarkdownReader(sections: Sections) {
  const block = createLineBlock(sections);
  let fence: string | null = null;
  let isFrontMatter = false;
  let isFirst = true;
  let previous: Line | null = null;

  /** Holds a line back: the next one says whether it is a heading or the head of a table. */
  function hold(line: Line): void {
    release();
    previous = line;
  }

  function release(): void {
    if (previous) block.add(previous);
    previous = null;
  }

  function endBlock(after?: '\n'): void {
    release();
    block.end(after);
    block.begin({ type: 'paragraph' });
  }

  function addHeading(line: Line, level: number): void {
    block.begin({ type: 'heading', level });
    block.add(line);
    endBlock();
  }

  function addText(line: Line): void {
    const { text } = line;
    const heading = HEADING.exec(text);
    if (heading) {
      endBlock();
      addHeading(line, heading[1]?.length ?? 1);
      return;
    }
    if (ITEM.test(text) && !RULE.test(text)) {
      // Items stay close to each other, also where they are nested.
      endBlock(block.type === 'list-item' ? '\n' : undefined);
      const begin = text.length - text.trimStart().length;
      block.begin({ type: 'list-item', indent: text.slice(0, begin) });
      previous = line;
      return;
    }
    const isRow = block.type === 'table' && text.includes('|');
    if (block.type === 'table' && !isRow) endBlock();
    if (isRow) block.add(line);
    else hold(line);
  }

  /** The line under a line of text may make it a heading or the head of a table. */
  function addUnder(line: Line, above: Line): boolean {
    if (block.type !== 'paragraph') return false;
    if (DELIMITER_ROW.test(line.text) && line.text.includes('|') && above.text.includes('|')) {
      previous = null;
      block.end();
      block.begin({ type: 'table' });
      block.add(above);
      block.add(line);
      return true;
    }
    const underline = /^ {0,3}(=+|-+)\s*$/.exec(line.text);
    if (!underline || !block.isEmpty) return false;
    previous = null;
    block.begin({ type: 'heading', level: underline[1]?.startsWith('=') ? 1 : 2 });
    block.add(above);
    block.add(line);
    endBlock();
    return true;
  }

  return {
    add(line: Line) {
      const wasFirst = isFirst;
      isFirst = false;
      if (fence !== null || isFrontMatter) {
        block.add(line);
        if (fence === null ? !endsFrontMatter(line.text) : !endsFence(line.text, fence)) return;
        fence = null;
        isFrontMatter = false;
        return endBlock();
      }
      const opening = FENCE.exec(line.text)?.[1];
      if (opening || (wasFirst && /^---\s*$/.test(line.text))) {
        endBlock();
        if (opening) fence = opening.slice(0, 1_000);
        else isFrontMatter = true;
        block.begin({ type: 'code' });
        return block.add(line);
      }
      if (line.ends && line.text.trim() === '') return endBlock();
      if (line.text.length > 1_000) {
        release();
        return block.add(line);
      }
      if (previous && addUnder(line, previous)) return;
      addText(line);
    },
    end: () => endBlock(),
  };
}

/** An empty line ends it as well: what was no front matter does not take the whole document along. */
function endsFrontMatter(line: string): boolean {
  return /^(---|\.\.\.)?\s*$/.test(line);
}

function endsFence(line: string, fence: string): boolean {
  const text = line.trim();
  return text.length >= fence.length && text.length < 2_000 && text === fence.charAt(0).repeat(text.length);
}
