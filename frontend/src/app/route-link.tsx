import type { AnchorHTMLAttributes, MouseEvent, ReactNode } from 'react';
import { pathOfRoute, type Route, type Router } from './router.ts';

type RouteLinkProps = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href' | 'onClick'> & {
  router: Router;
  to: Route;
  isCurrent?: boolean;
  /** After the page has gone there. */
  onGo?: () => void;
  children: ReactNode;
};

/** A link to another place of the page, which is gone to without loading the page again. */
export function RouteLink({ router, to, isCurrent = false, onGo, children, ...rest }: RouteLinkProps) {
  function onClick(event: MouseEvent<HTMLAnchorElement>) {
    // Another tab or window is the browser's business.
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    router.show(to);
    onGo?.();
  }
  return (
    <a {...rest} href={pathOfRoute(to)} aria-current={isCurrent ? 'page' : undefined} onClick={onClick}>
      {children}
    </a>
  );
}
