import type { MouseEvent, ReactNode } from 'react';
import { CitationChip } from '../citations/citation-chip.tsx';
import { shownTarget } from './link-target.ts';

type LinkProps = {
  href: string | undefined;
  children: ReactNode;
  id?: string;
  /** What is read out in place of the text. */
  label?: string;
};

/** A link out of an answer: its target can be seen, on a phone too, and is told nothing of where it was followed. */
export function Link({ href, children, id, label }: LinkProps) {
  if (!href) return <span>{children}</span>;
  // Footnotes stay on the page.
  if (href.startsWith('#')) {
    return (
      <a href={href} id={id} aria-label={label} onClick={toFootnote}>
        {children}
      </a>
    );
  }
  if (!/^(https?:|mailto:)/i.test(href)) {
    // Models like to end with a list of sources, `[1]: handbook.pdf`, which makes links of all their citations.
    const isCitation = typeof children === 'string' && /^\d{1,3}$/.test(children);
    return isCitation ? <CitationChip number={Number(children)} /> : <span>{children}</span>;
  }
  const target = shownTarget(href, children);
  return (
    <a href={href} title={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
      {target !== null && (
        <>
          {' '}
          <bdi data-target dir="ltr">
            {target}
          </bdi>
        </>
      )}
    </a>
  );
}

/** Every answer numbers its footnotes from one, so that the place is looked for in this answer only. */
function toFootnote(event: MouseEvent<HTMLAnchorElement>): void {
  event.preventDefault();
  const link = event.currentTarget;
  const target = link.closest('[data-markdown]')?.querySelector(`[id="${CSS.escape(link.hash.slice(1))}"]`);
  target?.scrollIntoView({ block: 'nearest' });
  const place = target?.matches('a') ? target : target?.querySelector('a');
  if (place instanceof HTMLElement) place.focus({ preventScroll: true });
}
