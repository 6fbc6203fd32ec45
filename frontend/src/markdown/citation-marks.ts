/** As much of an HTML tree as is looked at here. */
type HtmlNode = {
  type: string;
  tagName?: string;
  value?: string;
  properties?: Record<string, unknown>;
  children?: HtmlNode[];
};

/** [1], also [1, 2]: how an answer refers to the passages that it was given. */
export const CITATION = /\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\]/g;

/** Brackets in these are their own. */
const OPAQUE = new Set(['code', 'pre', 'a', 'button']);

/**
 * Makes a button of every number that an answer cites, for `MarkdownBlock` to show as a chip, or as the text that it was
 * where no such passage is known. Runs behind the sanitiser, which lets no other buttons through.
 */
export function markCitations() {
  return (tree: unknown): void => mark(tree as HtmlNode);
}

function mark(parent: HtmlNode): void {
  if (!parent.children) return;
  parent.children = parent.children.flatMap((child) => {
    if (child.type === 'text') return marked(child.value ?? '');
    if (!OPAQUE.has(child.tagName ?? '')) mark(child);
    return [child];
  });
}

function marked(text: string): HtmlNode[] {
  const nodes: HtmlNode[] = [];
  let end = 0;
  for (const match of text.matchAll(CITATION)) {
    nodes.push(...textNode(text.slice(end, match.index)), ...numbersOf(match[1] ?? '').map(citationNode));
    end = match.index + match[0].length;
  }
  nodes.push(...textNode(text.slice(end)));
  return nodes;
}

const textNode = (value: string): HtmlNode[] => (value === '' ? [] : [{ type: 'text', value }]);

const citationNode = (number: number): HtmlNode => ({
  type: 'element',
  tagName: 'button',
  properties: {},
  children: [{ type: 'text', value: String(number) }],
});

const numbersOf = (list: string): number[] => list.split(/[,;]/).map(Number);

/** The numbers that a text cites, each once, in the order of their first mention. */
export function citedNumbers(text: string): number[] {
  return [...new Set([...text.matchAll(CITATION)].flatMap(([, list]) => numbersOf(list ?? '')))];
}
