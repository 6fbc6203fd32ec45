import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { Icon } from './icons.tsx';
import styles from './menu.module.css';
import { place } from './place.ts';

export type MenuItem = {
  label: string;
  icon: Parameters<typeof Icon>[0]['name'];
  onSelect: () => void;
  danger?: boolean;
};

type TriggerProps = {
  onClick: () => void;
  'aria-haspopup': 'menu';
  'aria-expanded': boolean;
  'aria-controls': string;
};

type MenuProps = {
  label: string;
  items: readonly MenuItem[];
  /** The button that opens it. It gets these properties. */
  trigger: (props: TriggerProps) => ReactNode;
  /** Said above the items. */
  children?: ReactNode;
};

/** A button with a menu, in the browser's top layer: it is closed by Escape and by a click beside it. */
export function Menu({ label, items, trigger, children }: MenuProps) {
  const id = useId();
  const anchor = useRef<HTMLSpanElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);

  useEffect(() => {
    const popover = menu.current;
    if (!isOpen || !popover) return;
    const button = anchor.current?.firstElementChild;
    popover.showPopover();
    if (button) place(popover, button.getBoundingClientRect());
    itemsOf(popover)[0]?.focus();
    const onToggle = (event: Event) => {
      if ((event as ToggleEvent).newState === 'closed') setOpen(false);
    };
    popover.addEventListener('toggle', onToggle);
    return () => popover.removeEventListener('toggle', onToggle);
  }, [isOpen]);

  function close() {
    menu.current?.hidePopover();
    setOpen(false);
    const button = anchor.current?.firstElementChild;
    if (button instanceof HTMLElement) button.focus();
  }

  function onKeyDown(event: KeyboardEvent<HTMLDivElement>) {
    const all = itemsOf(event.currentTarget);
    const at = all.indexOf(document.activeElement as HTMLButtonElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1 + all.length, Home: 0, End: all.length - 1 }[event.key];
    if (event.key === 'Escape' || event.key === 'Tab') {
      event.stopPropagation();
      close();
    } else if (next !== undefined) {
      event.preventDefault();
      all[next % all.length]?.focus();
    }
  }

  return (
    <span ref={anchor} className={styles.anchor}>
      {trigger({
        onClick: () => (isOpen ? close() : setOpen(true)),
        'aria-haspopup': 'menu',
        'aria-expanded': isOpen,
        'aria-controls': id,
      })}
      {isOpen && (
        <div ref={menu} id={id} popover="auto" className={styles.menu}>
          {children}
          <div role="menu" aria-label={label} tabIndex={-1} onKeyDown={onKeyDown}>
            {items.map((item) => (
              <button
                key={item.label}
                type="button"
                role="menuitem"
                tabIndex={-1}
                data-danger={item.danger || undefined}
                onClick={() => {
                  close();
                  item.onSelect();
                }}
              >
                <Icon name={item.icon} size={16} />
                {item.label}
              </button>
            ))}
          </div>
        </div>
      )}
    </span>
  );
}

const itemsOf = (menu: HTMLElement) => [...menu.querySelectorAll<HTMLButtonElement>('[role="menuitem"]')];
