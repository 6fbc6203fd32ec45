import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import { type Processor, unified } from 'unified';

/** A text in pieces that can each be rendered by itself. Finished ones never change while the text grows. */
export type BlockSplit = {
  source: string;
  blocks: readonly string[];
  /** How many of `blocks` are finished, and where in `source` the first one that is not begins. */
  finished: number;
  finishedEnd: number;
  finishedDefinitions: string;
  /** All link definitions, for the blocks that refer to them. */
  definitions: string;
};

const EMPTY: BlockSplit = {
  source: '',
  blocks: [],
  finished: 0,
  finishedEnd: 0,
  finishedDefinitions: '',
  definitions: '',
};

/** What there is within the text of a block, by micromark's names. Where blocks begin and end it does not matter. */
const INLINE = [
  'attention',
  'autolink',
  'characterEscape',
  'characterReference',
  'codeText',
  'emailAutolink',
  'gfmFootnoteCall',
  'gfmPotentialFootnoteCall',
  'hardBreakEscape',
  'htmlText',
  'labelEnd',
  'labelStartImage',
  'labelStartLink',
  'protocolAutolink',
  'strikethrough',
  'wwwAutolink',
];

/** Blocks only: whoever renders one reads what is in it, and to do that twice would take twice as long. */
const parser = unified().use(remarkParse).use(remarkGfm).use(withoutInline).freeze();

function withoutInline(this: Processor): void {
  const data = this.data();
  data.micromarkExtensions = [...(data.micromarkExtensions ?? []), { disable: { null: INLINE } }];
}

/**
 * Splits Markdown at its outermost blocks. With the split of a beginning of the text only what follows that one's
 * finished blocks is parsed. The last two blocks count as unfinished: an incomplete line may still join the last one to
 * the one before (`---` begins as a rule and becomes `---x`, a line of the paragraph), and never to an earlier one.
 */
export function splitBlocks(source: string, previous: BlockSplit | null): BlockSplit {
  if (previous?.source === source) return previous;
  const from = previous && source.startsWith(previous.source) ? previous : EMPTY;
  const rest = source.slice(from.finishedEnd);
  const { children } = parser.parse(rest);
  const starts = children.map((child, index) => (index === 0 ? 0 : lineStart(rest, child.position?.start.offset ?? 0)));
  const pieces = starts.map((start, index) => rest.slice(start, starts[index + 1]));
  const settled = Math.max(pieces.length - 2, 0);
  const definitions = children.map((child, index) =>
    child.type === 'definition' ? `${(pieces[index] ?? '').trim()}\n` : '',
  );
  const finishedDefinitions = from.finishedDefinitions + definitions.slice(0, settled).join('');
  return {
    source,
    blocks: [...from.blocks.slice(0, from.finished), ...pieces],
    finished: from.finished + settled,
    finishedEnd: from.finishedEnd + (settled > 0 ? (starts[settled] ?? 0) : 0),
    finishedDefinitions,
    definitions: finishedDefinitions + definitions.slice(settled).join(''),
  };
}

/** A block's indentation is a part of it: for code it means something. */
function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}
