import { type ReactNode, Suspense } from 'react';
import { type Section, SectionedView } from '../app/sectioned-view.tsx';
import { texts } from '../texts/texts.ts';
import { ReadState } from '../ui/read-state.tsx';
import { lazyPart } from '../util/lazy-part.ts';
import { AccountSection } from './account-section.tsx';
import { AppearanceSection } from './appearance-section.tsx';
import { DataSection } from './data-section.tsx';
import type { SettingsProps } from './settings-props.ts';

/** Its charts are read when somebody goes there. */
const UsageSection = lazyPart(async () => (await import('./usage-section.tsx')).UsageSection);

type SettingsViewProps = SettingsProps & { section: string | null; isInert: boolean; opener: ReactNode };

type SettingsSection = Section & { show: (props: SettingsProps) => ReactNode };

const sectionsOf = (): readonly SettingsSection[] => [
  {
    id: 'account',
    label: texts.settings.account.title,
    icon: 'user',
    show: (props) => <AccountSection {...props} />,
  },
  { id: 'appearance', label: texts.settings.appearance, icon: 'eye', show: () => <AppearanceSection /> },
  { id: 'usage', label: texts.settings.usage.title, icon: 'chart', show: () => <UsageSection /> },
  { id: 'data', label: texts.settings.data.title, icon: 'archive', show: (props) => <DataSection {...props} /> },
];

/** What a person sets for themselves. */
export function SettingsView({ section, isInert, opener, ...props }: SettingsViewProps) {
  const sections = sectionsOf();
  const current = sections.find(({ id }) => id === section) ?? sections[0];
  if (!current) return null;
  return (
    <SectionedView
      title={texts.settings.title}
      sections={sections}
      current={current}
      router={props.workspace.router}
      toSection={(id) => ({ view: 'settings', section: id })}
      isInert={isInert}
      opener={opener}
    >
      <Suspense fallback={<ReadState isLoading error={null} onRetry={() => {}} />}>{current.show(props)}</Suspense>
    </SectionedView>
  );
}
