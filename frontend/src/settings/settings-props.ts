import type { Workspace } from '../app/workspace.ts';
import type { Session, User } from '../session/session.ts';

/** What every section of the settings is given. */
export type SettingsProps = { session: Session; user: User; workspace: Workspace };
