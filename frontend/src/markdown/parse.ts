import type { Definition, Nodes, Root } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';

const options = { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] };

/** GitHub's Markdown as a tree. What refers to a definition has become a link or an image itself. */
export function parseMarkdown(text: string): Root {
  const tree = fromMarkdown(text, options);
  const definitions = new Map<string, Definition>();
  collect(tree, definitions);
  if (definitions.size > 0) resolve(tree, definitions);
  return tree;
}

function collect(node: Nodes, definitions: Map<string, Definition>): void {
  if (node.type === 'definition' && !definitions.has(node.identifier)) definitions.set(node.identifier, node);
  if ('children' in node) for (const child of node.children) collect(child, definitions);
}

function resolve(node: Nodes, definitions: ReadonlyMap<string, Definition>): void {
  if (!('children' in node)) return;
  const children = node.children as Nodes[];
  for (const [index, child] of children.entries()) {
    resolve(child, definitions);
    if (child.type !== 'linkReference' && child.type !== 'imageReference') continue;
    const url = definitions.get(child.identifier)?.url ?? '';
    const { position } = child;
    if (child.type === 'linkReference') children[index] = { type: 'link', url, children: child.children, position };
    else children[index] = { type: 'image', url, alt: child.alt ?? null, position };
  }
}
