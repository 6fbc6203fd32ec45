import type { Blockquote, Code, List, ListItem, RootContent, Table, TableRow } from 'mdast';
import { append, type Groups } from '../util/groups.ts';

/** What a long block is made of: an item, a row, a paragraph of a quote; of code some lines, which have no node. */
export type Part = { source: string; node: ListItem | TableRow | RootContent | null; isLoose: boolean };

/** A block of the outermost level. Of one that has parts, the node is read for what it says of itself only. */
export type Block = {
  node: RootContent;
  parts: Groups<Part>;
  /** Where it stands in the text, up to the block that follows. */
  begin: number;
  end: number;
  source: string;
};

/** Where a block that still grows can be cut: so many of its parts are finished. */
export type Cut = {
  parts: number;
  /** Where in the parsed text what follows them begins. */
  offset: number;
  /** What has to stand before that for it to be read as more of the same block. */
  prefix: string;
};

/** Lines of code that are one part. */
export const CODE_LINES = 32;

const LINE_END = /\r\n|\n|\r/g;
const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const NO_PARTS: Groups<Part> = [];

/**
 * An incomplete line may still join the last part to the one before, never to an earlier one (`---` begins as a rule and
 * becomes `---x`, a line of the paragraph). So many are never finished.
 */
export const UNFINISHED = 2;

export const startOf = (node: RootContent | ListItem | TableRow): number => node.position?.start.offset ?? 0;
export const endOf = (node: RootContent | ListItem | TableRow): number => node.position?.end.offset ?? 0;

/** A block's indentation is a part of it: for code it means something. */
export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** The parts of a block; of one that need not be divided none. `text` is what it was parsed from. */
export function partsOf(node: RootContent, text: string): Part[] {
  if (node.type === 'code') return codeParts(node);
  if (node.type === 'list') return listParts(node, text);
  if (node.type === 'table') return node.children.slice(1).map((row) => partOf(row, undefined, text));
  if (node.type === 'blockquote') {
    return node.children.map((child, index) => partOf(child, node.children[index + 1], text));
  }
  return [];
}

type PartNode = ListItem | TableRow | RootContent;

/** Up to the one that follows: blank lines between them may or may not be the first one's. */
const partOf = (node: PartNode, next: PartNode | undefined, text: string): Part => ({
  source: text.slice(startOf(node), next ? startOf(next) : endOf(node)),
  node,
  isLoose: false,
});

function listParts({ children }: List, text: string): Part[] {
  return children.map((item, index) => {
    const next = children[index + 1];
    const gap = next ? lineOf(next, 'start') - lineOf(item, 'end') > 1 : false;
    return { ...partOf(item, next, text), isLoose: item.spread === true || gap };
  });
}

const lineOf = (item: ListItem, edge: 'start' | 'end'): number => item.position?.[edge].line ?? 0;

function codeParts({ value }: Code): Part[] {
  const lines = value.split(LINE_END);
  const parts: Part[] = [];
  for (let start = 0; start < lines.length; start += CODE_LINES) {
    parts.push({ source: lines.slice(start, start + CODE_LINES).join('\n'), node: null, isLoose: false });
  }
  return parts;
}

/** Where the block can be cut, or null: it is too short for that. */
export function cutOf(node: RootContent, text: string): Cut | null {
  if (node.type === 'list' || node.type === 'blockquote') return cutBetween(node.children, text, '');
  if (node.type === 'table') {
    const head = text.slice(lineStart(text, startOf(node)), afterLines(text, startOf(node), 2));
    return cutBetween(node.children.slice(1), text, head);
  }
  return node.type === 'code' ? cutOfCode(node, text) : null;
}

function cutBetween(children: (List | Blockquote | Table)['children'], text: string, prefix: string): Cut | null {
  const parts = children.length - UNFINISHED;
  const next = children[parts];
  return parts > 0 && next ? { parts, offset: lineStart(text, startOf(next)), prefix } : null;
}

function cutOfCode(node: Code, text: string): Cut | null {
  const start = lineStart(text, startOf(node));
  // What is indented ends in other ways.
  if (!FENCE.test(text.slice(start, start + 8))) return null;
  // One line stays that is known to be none of the fence.
  const parts = Math.floor((node.value.split(LINE_END).length - UNFINISHED) / CODE_LINES);
  if (parts <= 0) return null;
  const offset = afterLines(text, start, 1 + parts * CODE_LINES);
  return { parts, offset, prefix: text.slice(start, afterLines(text, start, 1)) };
}

/** Where the line begins that follows so many others. */
function afterLines(text: string, from: number, count: number): number {
  let offset = from;
  LINE_END.lastIndex = from;
  for (let line = 0; line < count; line += 1) {
    if (!LINE_END.exec(text)) break;
    offset = LINE_END.lastIndex;
  }
  LINE_END.lastIndex = 0;
  return offset;
}

/** Whether `next`, which was parsed by itself, is more of `open`. */
export function continues(open: Block, next: RootContent | undefined): boolean {
  if (open.node.type !== next?.type) return false;
  return open.node.type !== 'list' || open.node.ordered === (next as List).ordered;
}

/** The block with what was parsed of it later. */
export function extended(open: Block, more: readonly Part[], place: Pick<Block, 'end' | 'source'>): Block {
  return { ...open, ...place, parts: append(open.parts, more) };
}

export function blockOf(node: RootContent, text: string, place: Pick<Block, 'begin' | 'end' | 'source'>): Block {
  return { node, parts: append(NO_PARTS, partsOf(node, text)), ...place };
}

/** What is the same as before is what it was before, so that nobody draws it again. */
export function kept(block: Block, before: Block | undefined): Block {
  if (!before || before.node.type !== block.node.type) return block;
  if (before.source === block.source && before.begin === block.begin && before.end === block.end) return before;
  return { ...block, parts: keptParts(block.parts, before.parts) };
}

function keptParts(parts: Groups<Part>, before: Groups<Part>): Groups<Part> {
  return parts.map((group, index) => {
    const known = before[index];
    if (known === group || !known) return group;
    const next = group.map((part, place) => {
      const same = known[place];
      return same && same.source === part.source && same.isLoose === part.isLoose && same.node?.type === part.node?.type
        ? same
        : part;
    });
    return next.length === known.length && next.every((part, place) => part === known[place]) ? known : next;
  });
}
