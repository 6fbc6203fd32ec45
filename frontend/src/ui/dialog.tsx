import { type ComponentProps, type RefObject, useId } from 'react';
import { createPortal } from 'react-dom';
import styles from './dialog.module.css';

type DialogProps = Omit<ComponentProps<'dialog'>, 'ref' | 'title'> & {
  /** As `useModal` gives it. */
  dialog: RefObject<HTMLDialogElement | null>;
  title: string;
};

/** The frame of what lies above the page, and has to be dealt with before the page. */
export function Dialog({ dialog, title, className, children, ...rest }: DialogProps) {
  const id = useId();
  // In the body, where it inherits nothing of what it was opened from.
  return createPortal(
    <dialog {...rest} ref={dialog} className={[styles.dialog, className].join(' ')} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>,
    document.body,
  );
}

/** The buttons at its end. */
export const DialogActions = (props: ComponentProps<'div'>) => <div {...props} className={styles.actions} />;
