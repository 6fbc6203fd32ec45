import type { ListItem, RootContent, Table, TableRow } from 'mdast';
import { memo, type ReactNode } from 'react';
import { texts } from '../texts/texts.ts';
import type { Groups } from '../util/groups.ts';
import { type Block, blockOf, type Part } from './blocks.ts';
import { CodeBlock } from './code-block.tsx';
import { Inline } from './inline.tsx';

const BREAKS = /^(?:<br\s*\/?>\s*)+$/i;

type BlockViewProps = { block: Block; isWithin?: boolean };

/** A block of an answer. One that is not the object it was before is drawn again, and of that the parts that are not. */
export const BlockView = memo(function BlockView({ block, isWithin = false }: BlockViewProps): ReactNode {
  const { node, parts } = block;
  // Each is in the direction of its script; what is within another one follows that.
  const dir = isWithin ? undefined : 'auto';
  switch (node.type) {
    case 'list': {
      const isLoose = parts.some((group) => group.some((part) => part.isLoose));
      const List = node.ordered ? 'ol' : 'ul';
      const start = node.ordered && node.start !== null && node.start !== 1 ? { start: node.start } : {};
      return (
        <List data-loose={isLoose || undefined} dir={dir} {...start}>
          <PartGroups parts={parts} />
        </List>
      );
    }
    case 'blockquote':
      return (
        <blockquote dir={dir}>
          <PartGroups parts={parts} />
        </blockquote>
      );
    case 'table':
      return (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
        <div data-table dir={dir} tabIndex={0}>
          <table>
            <thead>{node.children[0] && <Row row={node.children[0]} align={node.align} isHead />}</thead>
            {parts.length > 0 && (
              <tbody>
                <PartGroups parts={parts} align={node.align} />
              </tbody>
            )}
          </table>
        </div>
      );
    case 'code':
      return <CodeBlock language={node.lang ?? ''} parts={parts} />;
    case 'paragraph':
      return (
        <p dir={dir}>
          <Inline nodes={node.children} />
        </p>
      );
    case 'heading': {
      const Heading = `h${node.depth}` as const;
      return (
        <Heading dir={dir}>
          <Inline nodes={node.children} />
        </Heading>
      );
    }
    case 'thematicBreak':
      return <hr />;
    case 'html':
      // A break on a line of its own is for more space, which there is.
      return BREAKS.test(node.value) ? null : (
        <p data-html dir={dir}>
          {node.value}
        </p>
      );
    default:
      // Definitions, and the notes that `FootnoteList` shows.
      return null;
  }
});

/** Blocks within another one, drawn with it. */
export function Blocks({ nodes }: { nodes: readonly RootContent[] }): ReactNode {
  return nodes.map((node, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a block's place is what it is known by while its text grows
    <BlockView key={index} block={blockOf(node, '', { begin: 0, end: 0, source: '' })} isWithin />
  ));
}

type PartGroupsProps = { parts: Groups<Part>; align?: Table['align'] };

function PartGroups({ parts, align = null }: PartGroupsProps): ReactNode {
  // biome-ignore lint/suspicious/noArrayIndexKey: a group's place is what it is known by
  return parts.map((group, index) => <PartGroup key={index} parts={group} align={align} />);
}

type PartGroupProps = { parts: readonly Part[]; align: Table['align'] };

const PartGroup = memo(
  function PartGroup({ parts, align }: PartGroupProps): ReactNode {
    // biome-ignore lint/suspicious/noArrayIndexKey: a part's place is what it is known by
    return parts.map((part, index) => <PartView key={index} part={part} align={align} />);
  },
  // The alignment of a table is settled before it is one.
  (before, after) => before.parts === after.parts,
);

type PartViewProps = { part: Part; align: Table['align'] };

const PartView = memo(
  function PartView({ part: { node }, align }: PartViewProps): ReactNode {
    if (node === null) return null;
    if (node.type === 'listItem') return <Item item={node} />;
    if (node.type === 'tableRow') return <Row row={node} align={align} />;
    return <Blocks nodes={[node]} />;
  },
  (before, after) => before.part === after.part,
);

function Item({ item: { checked, children } }: { item: ListItem }) {
  const isTask = typeof checked === 'boolean';
  const box = isTask && (
    <input
      type="checkbox"
      checked={checked}
      disabled
      aria-label={checked ? texts.message.done : texts.message.notDone}
    />
  );
  const [first, ...rest] = children;
  if (!isTask || first?.type !== 'paragraph') {
    return (
      <li data-task={isTask || undefined}>
        {box}
        <Blocks nodes={children} />
      </li>
    );
  }
  return (
    <li data-task>
      <p>
        {box}
        <Inline nodes={first.children} />
      </p>
      <Blocks nodes={rest} />
    </li>
  );
}

type RowProps = { row: TableRow; align: Table['align'] | undefined; isHead?: boolean };

function Row({ row, align, isHead = false }: RowProps) {
  const Cell = isHead ? 'th' : 'td';
  const width = align?.length ?? row.children.length;
  const cells = row.children.slice(0, width);
  const missing = width - cells.length;
  return (
    <tr>
      {cells.map((cell, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a cell's place is its name
        <Cell key={index} data-align={align?.[index] ?? undefined}>
          <Inline nodes={cell.children} />
        </Cell>
      ))}
      {/* One for all: of a wide table with short rows they would be far more than its text. */}
      {missing > 0 && <Cell colSpan={missing} />}
    </tr>
  );
}

type BlockGroupProps = { blocks: readonly Block[] };

/** Blocks of a text; none of them is looked at while their list is the same. */
export const BlockGroup = memo(function BlockGroup({ blocks }: BlockGroupProps): ReactNode {
  return blocks.map((block, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a block's place is what it is known by while its text grows
    <BlockView key={index} block={block} />
  ));
});
