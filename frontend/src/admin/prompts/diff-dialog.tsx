import type { ReactNode } from 'react';
import { texts } from '../../texts/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogActions } from '../../ui/dialog.tsx';
import { useModal } from '../../ui/use-modal.ts';
import { DiffView } from './diff/diff-view.tsx';
import styles from './diff-dialog.module.css';

type Side = { name?: string; version: string; text: string };

type DiffDialogProps = {
  title: string;
  /** Null: it is not known yet. */
  before: Side | null;
  after: Side | null;
  onClose: () => void;
  /** Further buttons. */
  actions?: ReactNode;
  /** In place of what is not known. */
  children?: ReactNode;
};

/** What has become of a text, above the page. */
export function DiffDialog({ title, before, after, onClose, actions, children }: DiffDialogProps) {
  const dialog = useModal();
  const words = texts.admin.prompts.diff;
  const hasOtherName = before?.name !== undefined && after?.name !== undefined && before.name !== after.name;
  return (
    <Dialog dialog={dialog} title={title} className={styles.dialog} onClose={onClose}>
      {before && after ? (
        <>
          {hasOtherName && <p>{words.names(before.name ?? '', after.name ?? '')}</p>}
          {before.version !== after.version && <p>{words.versions(before.version, after.version)}</p>}
          <DiffView before={before.text} after={after.text} />
        </>
      ) : (
        children
      )}
      <DialogActions>
        {actions}
        <Button autoFocus onClick={() => dialog.current?.close()}>
          {words.close}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
