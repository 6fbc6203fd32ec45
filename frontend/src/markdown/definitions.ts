import type { Definition, Nodes } from 'mdast';
import { normalizeIdentifier } from 'micromark-util-normalize-identifier';
import { type Block, endOf, type Part, startOf } from './blocks.ts';

/** Link definitions, as they are written, by what refers to them. */
export type Definitions = ReadonlyMap<string, string>;

const LABEL = /\[([^[\]]+)\]/g;

/** What a text refers to in brackets, whether or not there is such a definition. */
function labelsIn(text: string): string[] {
  return Array.from(text.matchAll(LABEL), ([, label]) => normalizeIdentifier(label ?? ''));
}

/** Those that a text refers to, as text to be parsed before it. */
export function definitionsFor(text: string, definitions: Definitions): string {
  if (definitions.size === 0) return '';
  const sources = new Set(labelsIn(text).flatMap((label) => definitions.get(label) ?? []));
  return sources.size === 0 ? '' : `${[...sources].join('\n')}\n\n`;
}

export function mentions(text: string, labels: ReadonlySet<string>): boolean {
  return labelsIn(text).some((label) => labels.has(label));
}

/** What a node defines: itself, or what is in it. */
export function definitionsIn(node: Nodes): Definition[] {
  if (node.type === 'definition') return [node];
  return 'children' in node ? (node.children as Nodes[]).flatMap(definitionsIn) : [];
}

/** Of the blocks, those that nobody knows yet: the first of a name counts. */
export function newDefinitions(blocks: readonly Block[], known: Definitions): Map<string, string> {
  const found = new Map<string, string>();
  const add = ({ identifier }: Definition, source: string) => {
    // As it is written, with its backslashes: so are the labels that refer to it.
    const name = normalizeIdentifier(identifier);
    if (!known.has(name) && !found.has(name)) found.set(name, source);
  };
  for (const { node, parts, source } of blocks) {
    if (node.type === 'definition') add(node, source.trim());
    for (const part of parts.flat()) for (const [inner, text] of definitionsOf(part)) add(inner, text);
  }
  return found;
}

/** In lists and quotes; of several lines the others have marks of those before them, and are left out. */
function definitionsOf({ node, source }: Part): [Definition, string][] {
  if (!node) return [];
  const begin = startOf(node);
  const all = definitionsIn(node).map((inner): [Definition, string] => [
    inner,
    source.slice(startOf(inner) - begin, endOf(inner) - begin),
  ]);
  return all.filter(([, text]) => !/[\r\n]/.test(text));
}
