import { memo } from 'react';
import ReactMarkdown, { type Components, type Options } from 'react-markdown';
import rehypeSanitize, { defaultSchema } from 'rehype-sanitize';
import remarkGfm from 'remark-gfm';
import { CitationChip } from '../citations/citation-chip.tsx';
import { texts } from '../texts.ts';
import { markCitations } from './citation-marks.ts';
import { CodeBlock } from './code-block.tsx';
import { Link } from './link.tsx';

/** What an answer may consist of. Whoever wrote it is not trusted: a model, or a document that it has read. */
const schema = {
  ...defaultSchema,
  protocols: { ...defaultSchema.protocols, href: ['http', 'https', 'mailto'], src: ['http', 'https'] },
};

const remarkPlugins: Options['remarkPlugins'] = [remarkGfm];
const rehypePlugins: Options['rehypePlugins'] = [[rehypeSanitize, schema], markCitations];

const remarkRehypeOptions: Options['remarkRehypeOptions'] = {
  footnoteLabel: texts.message.footnotes,
  footnoteBackLabel: texts.message.backToText,
};

const components: Components = {
  a: ({ href, children, id, className }) => (
    <Link href={href} id={id} className={className}>
      {children}
    </Link>
  ),
  // From `markCitations`.
  button: ({ children }) => <CitationChip number={Number(children)} />,
  // Loading one would tell its server who reads the answer, and could carry words of it away.
  img: ({ src, alt }) => <Link href={typeof src === 'string' ? src : undefined}>{texts.message.image(alt ?? '')}</Link>,
  // Of a list of tasks.
  input: ({ checked }) => (
    <input
      type="checkbox"
      checked={checked === true}
      disabled
      aria-label={checked ? texts.message.done : texts.message.notDone}
    />
  ),
  pre: ({ children }) => <CodeBlock>{children}</CodeBlock>,
  table: ({ children }) => (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <div data-table tabIndex={0}>
      <table>{children}</table>
    </div>
  ),
};

type MarkdownBlockProps = { source: string; definitions: string };

export const MarkdownBlock = memo(function MarkdownBlock({ source, definitions }: MarkdownBlockProps) {
  return (
    <ReactMarkdown
      remarkPlugins={remarkPlugins}
      remarkRehypeOptions={remarkRehypeOptions}
      rehypePlugins={rehypePlugins}
      components={components}
    >
      {definitions ? `${source}\n\n${definitions}` : source}
    </ReactMarkdown>
  );
});
