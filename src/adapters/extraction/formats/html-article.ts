import { Readability } from '@mozilla/readability';
import { parseHTML } from 'linkedom';
import type { Attributes } from '../containers/xml.ts';
import type { HtmlEvents } from './html-blocks.ts';

type Node = {
  nodeType: number;
  localName?: string;
  data?: string;
  attributes?: ArrayLike<{ name: string; value: string }>;
  firstChild: Node | null;
  nextSibling: Node | null;
  parentNode: Node | null;
};

const ELEMENT = 1;
const TEXT = 3;

export type Article = { title: string; length: number; content: Node };

/** The article of a page, without what is around it; null where none is found. */
export function findArticle(html: string): Article | null {
  const { document } = parseHTML(html);
  // The types of the two packages know different documents; what is used of them is the same.
  const article = new Readability<Node>(document as unknown as Document, {
    serializer: (node) => node as unknown as Node,
    charThreshold: 300,
  }).parse();
  if (!article?.content) return null;
  return { title: article.title ?? '', length: article.textContent?.trim().length ?? 0, content: article.content };
}

/** Walks a tree without recursion: it may be deep. */
export function walk(root: Node, events: HtmlEvents): void {
  let node: Node | null = root;
  while (node) {
    if (node.nodeType === TEXT) events.text(node.data ?? '');
    else if (node.nodeType === ELEMENT) {
      events.open(node.localName ?? '', attributesOf(node));
      if (node.firstChild) {
        node = node.firstChild;
        continue;
      }
      events.close(node.localName ?? '');
    }
    while (node && node !== root && !node.nextSibling) {
      node = node.parentNode;
      if (node?.nodeType === ELEMENT) events.close(node.localName ?? '');
    }
    if (!node || node === root) return;
    node = node.nextSibling;
  }
}

function attributesOf(node: Node): Attributes {
  const attributes: Attributes = {};
  for (const { name, value } of Array.from(node.attributes ?? [])) attributes[name] = value;
  return attributes;
}
