import { type ReactNode, useId, useState } from 'react';
import { texts } from '../texts/texts.ts';
import { Button } from './button.tsx';
import styles from './confirm-dialog.module.css';
import { Dialog, DialogActions } from './dialog.tsx';
import { Said } from './said.tsx';
import { useModal } from './use-modal.ts';

type ConfirmDialogProps = {
  title: string;
  text: string;
  action: string;
  fault?: string | null;
  /** False: something has to be done first, or it is being done. */
  canConfirm?: boolean;
  /** What it returns is waited for: a second click does nothing meanwhile. It may not fail. */
  onConfirm: () => void | Promise<void>;
  onClose: () => void;
  /** What has to be done first. */
  children?: ReactNode;
};

/** Asks before something that cannot be undone. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { title, text, action, fault, canConfirm = true, onConfirm, onClose, children } = props;
  const dialog = useModal();
  const id = useId();
  const [isBusy, setBusy] = useState(false);

  async function confirm() {
    setBusy(true);
    await onConfirm();
    setBusy(false);
  }

  return (
    <Dialog dialog={dialog} title={title} aria-describedby={id} onClose={onClose}>
      <p id={id}>{text}</p>
      {children}
      {fault && (
        <p className={styles.fault} role="alert">
          <Said>{fault}</Said>
        </p>
      )}
      <DialogActions>
        <Button onClick={() => dialog.current?.close()}>{texts.dialog.cancel}</Button>
        <Button kind="final" disabled={!canConfirm || isBusy} onClick={() => void confirm()}>
          {action}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
