import type { Session } from '../session/session.ts';
import type { Workspace } from './workspace.ts';

/** Ends the sign-in. Nothing of what was being written is left to whoever sits here next. */
export async function signOut(session: Session, workspace: Workspace): Promise<void> {
  await workspace.settle();
  await session.logout();
  // Also what was written while the server was being told.
  workspace.forget();
  // Nor the address of what was open.
  workspace.router.go(null, 'replace');
}
