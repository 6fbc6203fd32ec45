import { Children, isValidElement, type ReactNode } from 'react';
import { shownName } from '../util/shown-name.ts';

/**
 * Where a link leads, for beside its text, in the letters that the network uses (a host of other alphabets is `xn--…`).
 * Null where the text says so itself.
 */
export function shownTarget(href: string, content: ReactNode): string | null {
  const text = shownName(textOf(content));
  if (!URL.canParse(href)) return href;
  const { protocol, host, pathname } = new URL(href);
  const target = protocol === 'mailto:' ? pathname : host;
  // As an address it is read up to its host, and nothing of another one stands before that.
  const said = text.replace(/^(?:https?:\/\/|mailto:)/i, '');
  const rest = said.startsWith(target) ? said.slice(target.length) : null;
  return rest === '' || rest?.match(/^[/?#]/) ? null : target;
}

function textOf(content: ReactNode): string {
  return Children.toArray(content)
    .map((child) => {
      if (isValidElement<{ children?: ReactNode }>(child)) return textOf(child.props.children);
      return typeof child === 'string' || typeof child === 'number' ? String(child) : '';
    })
    .join('');
}
