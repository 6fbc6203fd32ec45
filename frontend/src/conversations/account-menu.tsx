import { useSignOut } from '../app/use-sign-out.tsx';
import type { Workspace } from '../app/workspace.ts';
import type { Session, User } from '../session/session.ts';
import { texts } from '../texts/texts.ts';
import { Icon } from '../ui/icons.tsx';
import { Menu } from '../ui/menu.tsx';
import styles from './account-menu.module.css';

type AccountMenuProps = {
  session: Session;
  user: User;
  workspace: Workspace;
  onArchive: () => void;
  /** Shows the keys of the page. */
  onHelp: () => void;
};

export function AccountMenu({ session, user, workspace, onArchive, onHelp }: AccountMenuProps) {
  const leaving = useSignOut(session, workspace);
  return (
    <footer className={styles.footer}>
      <Menu
        label={texts.account.menu(user.username)}
        items={[
          {
            label: texts.account.settings,
            icon: 'settings',
            onSelect: () => workspace.router.show({ view: 'settings', section: null }),
          },
          ...(user.isAdmin
            ? [
                {
                  label: texts.account.administration,
                  icon: 'shield' as const,
                  onSelect: () => workspace.router.show({ view: 'admin', section: null, itemId: null }),
                },
              ]
            : []),
          { label: texts.sidebar.archive, icon: 'archive', onSelect: onArchive },
          { label: texts.account.keyboard, icon: 'keyboard', onSelect: onHelp },
          {
            label: texts.account.signOut,
            icon: 'signOut',
            onSelect: leaving.begin,
          },
        ]}
        trigger={(props) => (
          <button {...props} type="button" className={styles.button}>
            <span className={styles.initial} aria-hidden="true">
              {[...user.username][0]?.toUpperCase()}
            </span>
            <span className={styles.name}>
              <span className="visually-hidden">{texts.account.of} </span>
              {user.username}
              {user.isAdmin && <small>{texts.account.admin}</small>}
            </span>
            <Icon name="more" size={16} />
          </button>
        )}
      />
      {leaving.dialog}
    </footer>
  );
}
