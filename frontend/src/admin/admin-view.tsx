import { type ReactNode, Suspense } from 'react';
import { SectionedView } from '../app/sectioned-view.tsx';
import type { Workspace } from '../app/workspace.ts';
import type { User } from '../session/session.ts';
import { texts } from '../texts/texts.ts';
import { ReadState } from '../ui/read-state.tsx';
import { adminSections } from './sections.ts';

type AdminViewProps = {
  workspace: Workspace;
  user: User;
  section: string | null;
  itemId: string | null;
  isInert: boolean;
  opener: ReactNode;
};

/** What administrators see and do. The server asks every time whether this is one; here it is only said. */
export function AdminView({ workspace, user, section, itemId, isInert, opener }: AdminViewProps) {
  const sections = adminSections();
  const current = sections.find(({ id }) => id === section) ?? sections[0];
  if (!current) return null;
  const { View } = current;
  return (
    <SectionedView
      title={texts.admin.title}
      sections={user.isAdmin ? sections : []}
      current={current}
      router={workspace.router}
      toSection={(id) => ({ view: 'admin', section: id, itemId: null })}
      isInert={isInert}
      opener={opener}
    >
      {user.isAdmin ? (
        <Suspense fallback={<ReadState isLoading error={null} onRetry={() => {}} />}>
          <View key={current.id} workspace={workspace} user={user} itemId={itemId} />
        </Suspense>
      ) : (
        <p role="alert">{texts.admin.closed}</p>
      )}
    </SectionedView>
  );
}
