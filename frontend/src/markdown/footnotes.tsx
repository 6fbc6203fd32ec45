import type { FootnoteDefinition, FootnoteReference, Nodes } from 'mdast';
import { createContext, type ReactNode, useContext } from 'react';
import { texts } from '../texts/texts.ts';
import { Link } from './link.tsx';

type Call = { number: number /** Which of those that call the same note. */; occurrence: number };

export type Footnotes = {
  calls: ReadonlyMap<FootnoteReference, Call>;
  /** In the order in which they are called, with how often; then those that nothing calls, for they are not shown elsewhere. */
  notes: readonly { definition: FootnoteDefinition; calls: number }[];
};

export const NO_FOOTNOTES: Footnotes = { calls: new Map(), notes: [] };

/** Of one text; `scope` makes its ids its own. */
export const FootnotesContext = createContext({ ...NO_FOOTNOTES, scope: '' });

/** The notes of a text that is whole. */
export function findFootnotes(blocks: readonly Nodes[]): Footnotes {
  const definitions = new Map<string, FootnoteDefinition>();
  const references: FootnoteReference[] = [];
  for (const block of blocks) visit(block, definitions, references);
  const called = references.map(({ identifier }) => identifier).filter((name) => definitions.has(name));
  const order = [...new Set([...called, ...definitions.keys()])];
  const counts = new Map<string, number>();
  const calls = new Map<FootnoteReference, Call>();
  for (const reference of references) {
    const occurrence = (counts.get(reference.identifier) ?? 0) + 1;
    counts.set(reference.identifier, occurrence);
    calls.set(reference, { number: order.indexOf(reference.identifier) + 1, occurrence });
  }
  const notes = order.flatMap((name) => {
    const definition = definitions.get(name);
    return definition ? [{ definition, calls: counts.get(name) ?? 0 }] : [];
  });
  return { calls, notes };
}

function visit(node: Nodes, definitions: Map<string, FootnoteDefinition>, references: FootnoteReference[]): void {
  if (node.type === 'footnoteReference') references.push(node);
  if (node.type === 'footnoteDefinition' && !definitions.has(node.identifier)) definitions.set(node.identifier, node);
  if ('children' in node) for (const child of node.children) visit(child, definitions, references);
}

const noteId = (scope: string, number: number) => `${scope}note-${number}`;
const callId = (scope: string, number: number, occurrence: number) => `${scope}call-${number}-${occurrence}`;

/** The number of a note in the text. While the text grows nobody knows its number. */
export function FootnoteCall({ node }: { node: FootnoteReference }) {
  const { calls, scope } = useContext(FootnotesContext);
  const call = calls.get(node);
  if (!call) return `[^${node.label ?? node.identifier}]`;
  const { number, occurrence } = call;
  return (
    <sup>
      <Link href={`#${noteId(scope, number)}`} id={callId(scope, number, occurrence)}>
        {number}
      </Link>
    </sup>
  );
}

type FootnoteListProps = { children: (definition: FootnoteDefinition) => ReactNode };

/** All notes, at the end of the text. `children` shows what one says. */
export function FootnoteList({ children }: FootnoteListProps) {
  const { notes, scope } = useContext(FootnotesContext);
  if (notes.length === 0) return null;
  return (
    <section data-footnotes aria-label={texts.message.footnotes}>
      <ol>
        {notes.map(({ definition, calls }, index) => (
          <li key={definition.identifier} id={noteId(scope, index + 1)} dir="auto">
            {children(definition)}
            {Array.from({ length: calls }, (_, occurrence) => (
              <Link
                // biome-ignore lint/suspicious/noArrayIndexKey: it is what a call is known by
                key={occurrence}
                href={`#${callId(scope, index + 1, occurrence + 1)}`}
                label={texts.message.backToText}
              >
                {'↩\uFE0E'}
              </Link>
            ))}
          </li>
        ))}
      </ol>
    </section>
  );
}
