import type { RootContent } from 'mdast';
import { append, changed, countOf, type Groups, itemAt } from '../util/groups.ts';
import {
  type Block,
  blockOf,
  type Cut,
  continues,
  cutOf,
  endOf,
  extended,
  kept,
  lineStart,
  partsOf,
  startOf,
  UNFINISHED,
} from './blocks.ts';
import { type Definitions, definitionsFor, definitionsIn, mentions, newDefinitions } from './definitions.ts';
import { parseMarkdown } from './parse.ts';

/** Markdown in blocks that stay the same objects while the text grows, but for those at its end. */
export type GrowingDocument = {
  source: string;
  isComplete: boolean;
  blocks: Groups<Block>;
  /** Those that are finished, and of the one after them the parts that are. */
  finished: Groups<Block>;
  open: (Block & { prefix: string }) | null;
  /** Where in `source` that begins which will be parsed again. */
  finishedEnd: number;
  /** Of the finished blocks. */
  definitions: Definitions;
  /** Of those at the end, what they define: it decides how the others are read. */
  nearDefinitions: string;
  /** Characters that were parsed for what has been added. */
  parsed: number;
};

const EMPTY: GrowingDocument = {
  source: '',
  isComplete: false,
  blocks: [],
  finished: [],
  open: null,
  finishedEnd: 0,
  definitions: new Map(),
  nearDefinitions: '',
  parsed: 0,
};

/** With the document of a beginning of the text, only what follows that one's finished parts is parsed. */
export function growDocument(source: string, previous: GrowingDocument | null, isComplete: boolean): GrowingDocument {
  if (previous?.source === source && previous.isComplete === isComplete) return previous;
  let from = previous && !previous.isComplete && source.startsWith(previous.source) ? previous : EMPTY;
  let tail = parseTail(source, from);
  if (from.open && !tail.continued) {
    // No text is known that does this; if one does, it is shown as two blocks.
    from = { ...from, finished: append(from.finished, [from.open]), open: null };
    tail = parseTail(source, from);
  }
  const { blocks, children, text, offset } = tail;
  const cut = isComplete ? null : findCut(children, text);
  const finishedCount = isComplete ? blocks.length : (cut?.index ?? Math.max(blocks.length - UNFINISHED, 0));
  const added = blocks.slice(0, finishedCount);
  const found = newDefinitions(added, from.definitions);
  const definitions = found.size > 0 ? new Map([...from.definitions, ...found]) : from.definitions;
  const joined = tail.continued ? added.slice(0, 1) : [];
  const known = withDefinitions(append(from.finished, joined), source, found, definitions);
  const finished = append(known, added.slice(joined.length));
  const first = blocks[finishedCount];
  return {
    source,
    isComplete,
    blocks: append(finished, blocks.slice(finishedCount)),
    finished,
    ...nextOpen(),
    definitions,
    nearDefinitions: tail.definitions,
    parsed: text.length,
  };

  function nextOpen(): Pick<GrowingDocument, 'open' | 'finishedEnd'> {
    const isOpen = finishedCount === 0 && tail.continued;
    if (!first) return { open: null, finishedEnd: isComplete ? source.length : from.finishedEnd };
    if (!cut) {
      return isOpen
        ? { open: from.open, finishedEnd: from.finishedEnd }
        : { open: null, finishedEnd: finishedCount === 0 ? from.finishedEnd : first.begin };
    }
    const before = isOpen ? from.open : null;
    const parts = (before ? countOf(before.parts) : 0) + cut.parts;
    const prefix = before?.prefix ?? cut.prefix;
    return { open: { ...first, parts: firstOf(first.parts, parts), prefix }, finishedEnd: cut.offset + offset };
  }
}

/** Of the blocks at the end the first one that may be cut; all before it are finished. */
function findCut(children: readonly RootContent[], text: string): (Cut & { index: number }) | null {
  const last = children.length - 1;
  for (const index of [last, last - 1]) {
    const child = children[index];
    const cut = child ? cutOf(child, text) : null;
    if (cut) return { ...cut, index };
  }
  return null;
}

/** `offset`: what is to be added to a place in the parsed text for one in the source. */
function parseTail(source: string, from: GrowingDocument) {
  const rest = copied(source.slice(from.finishedEnd));
  const known = definitionsFor(rest, from.definitions);
  const prefix = known + (from.open?.prefix ?? '');
  const text = prefix + rest;
  const offset = from.finishedEnd - prefix.length;
  const children = parseMarkdown(text).children.filter((child) => startOf(child) >= known.length);
  const starts = children.map((child, index) => (index === 0 ? prefix.length : lineStart(text, startOf(child))));
  const near = children.flatMap(definitionsIn).map((node) => text.slice(startOf(node), endOf(node)));
  const definitions = known + near.join('\n');
  const isSame = definitions === from.nearDefinitions;
  const index = countOf(from.finished);
  const continued = from.open !== null && continues(from.open, children[0]);
  const blocks = children.map((child, place) => {
    const [start = 0, end = text.length] = [starts[place], starts[place + 1]];
    const where = { end: end + offset, source: text.slice(start, end) };
    const block =
      place === 0 && continued && from.open
        ? extended(from.open, partsOf(child, text), where)
        : blockOf(child, text, { ...where, begin: start + offset });
    return isSame ? kept(block, itemAt(from.blocks, index + place)) : block;
  });
  return { blocks, children, text, offset, definitions, continued };
}

/** A slice of a string keeps the whole of it in memory, and every frame has another one. */
const copied = (slice: string): string => ` ${slice}`.slice(1);

function firstOf(parts: Block['parts'], count: number): Block['parts'] {
  return append([], parts.flat().slice(0, count));
}

/** Blocks that refer to what has been defined after them are parsed once more. */
function withDefinitions(
  blocks: Groups<Block>,
  source: string,
  found: ReadonlyMap<string, string>,
  definitions: Definitions,
): Groups<Block> {
  if (found.size === 0) return blocks;
  const labels = new Set(found.keys());
  return changed(blocks, (block) => {
    const text = source.slice(block.begin, block.end);
    if (block.node.type === 'definition' || !mentions(text, labels)) return block;
    const known = definitionsFor(text, definitions);
    const all = known + text;
    const children = parseMarkdown(all).children.filter((child) => startOf(child) >= known.length);
    const [node] = children;
    if (!node || children.length > 1) return block;
    return blockOf(node, all, { begin: block.begin, end: block.end, source: block.source });
  });
}
