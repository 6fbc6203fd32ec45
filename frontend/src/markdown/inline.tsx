import type { PhrasingContent } from 'mdast';
import { normalizeUri } from 'micromark-util-sanitize-uri';
import { Fragment, type ReactNode } from 'react';
import { CitationChip } from '../citations/citation-chip.tsx';
import { texts } from '../texts/texts.ts';
import { splitCitations } from './citation-marks.ts';
import { FootnoteCall } from './footnotes.tsx';
import { Link } from './link.tsx';

type InlineProps = { nodes: readonly PhrasingContent[]; isInLink?: boolean };

/**
 * What there is within the text of a block. Whoever wrote it is not trusted, a model, or a document that it has read: this
 * makes elements of a few kinds and sets nothing on them but what is named here. HTML is text.
 */
export function Inline({ nodes, isInLink = false }: InlineProps): ReactNode {
  return nodes.map((node, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a node's place is what it is known by while its text grows
    <Fragment key={index}>{shown(node, isInLink)}</Fragment>
  ));
}

function shown(node: PhrasingContent, isInLink: boolean): ReactNode {
  switch (node.type) {
    case 'text':
      return isInLink ? node.value : cited(node.value);
    case 'strong':
      return (
        <strong>
          <Inline nodes={node.children} isInLink={isInLink} />
        </strong>
      );
    case 'emphasis':
      return (
        <em>
          <Inline nodes={node.children} isInLink={isInLink} />
        </em>
      );
    case 'delete':
      return (
        <del>
          <Inline nodes={node.children} isInLink={isInLink} />
        </del>
      );
    case 'inlineCode':
      return <code dir="ltr">{node.value}</code>;
    case 'break':
      return (
        <>
          <br />
          {'\n'}
        </>
      );
    case 'html':
      return /^<br\s*\/?>$/i.test(node.value) ? <br /> : node.value;
    case 'link':
      return <Link href={normalizeUri(node.url)}>{linkText(node.children)}</Link>;
    // Loading one would tell its server who reads the answer, and could carry words of it away.
    case 'image':
      return image(node.url, node.alt, isInLink);
    case 'footnoteReference':
      return <FootnoteCall node={node} />;
    default:
      return null;
  }
}

function cited(text: string): ReactNode {
  const pieces = splitCitations(text);
  if (pieces.length === 1 && typeof pieces[0] === 'string') return text;
  return pieces.map((piece, index) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no other name
    typeof piece === 'number' ? <CitationChip key={index} number={piece} /> : <Fragment key={index}>{piece}</Fragment>,
  );
}

/** A text alone as a string, so that it can be looked at. */
function linkText(nodes: readonly PhrasingContent[]): ReactNode {
  const [only] = nodes;
  return nodes.length === 1 && only?.type === 'text' ? only.value : <Inline nodes={nodes} isInLink />;
}

function image(url: string, alt: string | null | undefined, isInLink: boolean): ReactNode {
  const text = texts.message.image(alt ?? '');
  return isInLink ? text : <Link href={normalizeUri(url)}>{text}</Link>;
}
