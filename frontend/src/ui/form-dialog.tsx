import { type ReactNode, useEffect, useId, useRef } from 'react';
import { createPortal } from 'react-dom';
import { texts } from '../texts.ts';
import dialogStyles from './confirm-dialog.module.css';
import styles from './form-dialog.module.css';

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
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    element?.querySelector('input')?.select();
    return () => element?.close();
  }, []);
  return createPortal(
    <dialog ref={dialog} className={dialogStyles.dialog} aria-labelledby={id} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (canSave) onSave();
        }}
      >
        <h2 id={id}>{title}</h2>
        {children}
        <div className={dialogStyles.actions}>
          <button type="button" onClick={() => dialog.current?.close()}>
            {texts.dialog.cancel}
          </button>
          <button type="submit" className={styles.save} disabled={!canSave}>
            {action}
          </button>
        </div>
      </form>
    </dialog>,
    document.body,
  );
}
