import { useEffect, useId, useRef } from 'react';
import { createPortal } from 'react-dom';
import { texts } from '../texts.ts';
import styles from './confirm-dialog.module.css';

type ConfirmDialogProps = {
  title: string;
  text: string;
  action: string;
  fault?: string | null;
  onConfirm: () => void;
  onClose: () => void;
};

/** Asks before something that cannot be undone. */
export function ConfirmDialog({ title, text, action, fault, onConfirm, onClose }: ConfirmDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  // In the body, where it inherits nothing of what it was opened from.
  return createPortal(
    <dialog
      ref={dialog}
      className={styles.dialog}
      aria-labelledby={id}
      aria-describedby={`${id}-text`}
      onClose={onClose}
    >
      <h2 id={id}>{title}</h2>
      <p id={`${id}-text`}>{text}</p>
      {fault && (
        <p className={styles.fault} role="alert">
          {fault}
        </p>
      )}
      <div className={styles.actions}>
        <button type="button" onClick={() => dialog.current?.close()}>
          {texts.dialog.cancel}
        </button>
        <button type="button" className={styles.action} onClick={onConfirm}>
          {action}
        </button>
      </div>
    </dialog>,
    document.body,
  );
}
