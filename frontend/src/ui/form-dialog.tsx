import { type ReactNode, useEffect } from 'react';
import { texts } from '../texts/texts.ts';
import { Button } from './button.tsx';
import { Dialog, DialogActions } from './dialog.tsx';
import { useModal } from './use-modal.ts';

type FormDialogProps = {
  title: string;
  action: string;
  canSave: boolean;
  onSave: () => void;
  onClose: () => void;
  children: ReactNode;
};

/** Asks for a few words. */
export function FormDialog({ title, action, canSave, onSave, onClose, children }: FormDialogProps) {
  const dialog = useModal();
  useEffect(() => dialog.current?.querySelector('input')?.select(), [dialog]);
  return (
    <Dialog dialog={dialog} title={title} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (canSave) onSave();
        }}
      >
        {children}
        <DialogActions>
          <Button onClick={() => dialog.current?.close()}>{texts.dialog.cancel}</Button>
          <Button kind="primary" type="submit" disabled={!canSave}>
            {action}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
