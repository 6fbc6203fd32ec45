import { type ReactNode, type RefObject, useEffect, useId, useRef, useState } from 'react';
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

/** Something to choose in, in the browser's top layer: it is closed by Escape, which gives the focus back, and by a click beside it. */
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
    const onToggle = (event: Event) => {
      const isNowOpen = (event as ToggleEvent).newState === 'open';
      setOpen(isNowOpen);
      if (isNowOpen) opened.current?.();
    };
    element.addEventListener('toggle', onToggle);
    return () => element.removeEventListener('toggle', onToggle);
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
