import type { ReactNode } from 'react';
import { Icon } from '../ui/icons.tsx';
import { RouteLink } from './route-link.tsx';
import type { Route, Router } from './router.ts';
import { ViewFrame } from './view-frame.tsx';

export type Section = { id: string; label: string; icon: Parameters<typeof Icon>[0]['name'] };

type SectionedViewProps = {
  title: string;
  sections: readonly Section[];
  /** The one that is shown. */
  current: Section;
  router: Router;
  toSection: (id: string) => Route;
  /** Something lies above it. */
  isInert: boolean;
  /** The button that shows the sidebar. */
  opener: ReactNode;
  children: ReactNode;
};

/** A page of several sections, one of which is shown. */
export function SectionedView(props: SectionedViewProps) {
  const { title, sections, current, router, toSection, isInert, opener, children } = props;
  return (
    <ViewFrame
      opener={opener}
      head={<h1>{title}</h1>}
      navLabel={title}
      nav={
        <ul>
          {sections.map(({ id, label, icon }) => (
            <li key={id}>
              <RouteLink router={router} to={toSection(id)} isCurrent={id === current.id}>
                <Icon name={icon} size={16} />
                {label}
              </RouteLink>
            </li>
          ))}
        </ul>
      }
      label={current.label}
      isInert={isInert}
    >
      {children}
    </ViewFrame>
  );
}
