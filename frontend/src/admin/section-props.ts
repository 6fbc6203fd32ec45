import type { Workspace } from '../app/workspace.ts';
import type { User } from '../session/session.ts';

/** What every section of the administration is given. */
export type AdminSectionProps = {
  workspace: Workspace;
  user: User;
  /** The thing that is open, by its address; null: the list. */
  itemId: string | null;
};
