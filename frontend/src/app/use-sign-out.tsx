import { type ReactNode, useState } from 'react';
import type { Session } from '../session/session.ts';
import { texts } from '../texts/texts.ts';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { signOut } from './sign-out.ts';
import type { Workspace } from './workspace.ts';

/** Ends the sign-in, where something would be lost by it after a question: the dialog is to be drawn. */
export function useSignOut(session: Session, workspace: Workspace): { begin: () => void; dialog: ReactNode } {
  const [lost, setLost] = useState<string | null>(null);
  const [isLeaving, setLeaving] = useState(false);
  const words = texts.account;

  function leave(): void {
    setLeaving(true);
    void signOut(session, workspace);
  }

  function begin(): void {
    if (isLeaving) return;
    const { written, uploads } = workspace.atStake();
    const said = [...(written ? [words.leaving.written] : []), ...(uploads ? [words.leaving.uploads] : [])];
    if (said.length > 0) setLost(said.join(' '));
    else leave();
  }

  return {
    begin,
    // It stays until the server has been told: nothing more is written meanwhile.
    dialog: lost && (
      <ConfirmDialog
        title={words.leaving.title}
        text={lost}
        action={words.signOut}
        canConfirm={!isLeaving}
        onConfirm={leave}
        onClose={() => setLost(null)}
      />
    ),
  };
}
