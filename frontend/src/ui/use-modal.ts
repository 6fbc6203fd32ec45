import { type RefObject, useLayoutEffect, useRef } from 'react';

/**
 * Shows a dialog above the page for as long as it is there. It is closed before it is taken out of the page, for only
 * then does the browser give the focus back to what had it.
 */
export function useModal(): RefObject<HTMLDialogElement | null> {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return dialog;
}
