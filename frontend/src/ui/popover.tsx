import { type ReactNode, type RefObject, useEffect, useId, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { place } from './place.ts';
import styles from './popover.module.css';

type TriggerProps = { ref: RefObject<HTMLButtonElement | null>; popoverTarget: string; 'aria-haspopup': 'dialog' };

type PopoverProps = {
  label: string;
  /** The button that opens it. It gets these properties. */
  trigger: (props: TriggerProps) => ReactNode;
  /** What is in it while it is open. */
  children: (close: () => void) => ReactNode;
  onOpen?: () => void;
};

/**
 * Something to choose in, in the browser's top layer: it is closed by Escape, which gives the focus back, and by a click
 * beside it. What has the attribute `autofocus` (which React has to be made to write) gets the focus.
 */
export function Popover({ label, trigger, children, onOpen }: PopoverProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const popover = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);
  const opened = useRef(onOpen);
  opened.current = onOpen;

  useEffect(() => {
    const element = popover.current;
    if (!element) return;
    // Before it is shown: what is to have the focus gets it with that, and no key goes to the button meanwhile.
    const onBefore = (event: Event) => {
      if ((event as ToggleEvent).newState !== 'open') return;
      flushSync(() => setOpen(true));
      opened.current?.();
    };
    const onToggle = (event: Event) => setOpen((event as ToggleEvent).newState === 'open');
    element.addEventListener('beforetoggle', onBefore);
    element.addEventListener('toggle', onToggle);
    return () => {
      element.removeEventListener('beforetoggle', onBefore);
      element.removeEventListener('toggle', onToggle);
    };
  }, []);

  // Again whenever it grows: what is in it may come later.
  useEffect(() => {
    const element = popover.current;
    if (!isOpen || !element) return;
    const settle = () => button.current && place(element, button.current.getBoundingClientRect());
    const observer = new ResizeObserver(settle);
    observer.observe(element);
    window.addEventListener('resize', settle);
    return () => {
      observer.disconnect();
      window.removeEventListener('resize', settle);
    };
  }, [isOpen]);

  const close = () => popover.current?.hidePopover();
  return (
    <>
      {trigger({ ref: button, popoverTarget: id, 'aria-haspopup': 'dialog' })}
      <div ref={popover} id={id} popover="auto" role="dialog" aria-label={label} className={styles.popover}>
        {isOpen && children(close)}
      </div>
    </>
  );
}
