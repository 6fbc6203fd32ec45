import type { ButtonHTMLAttributes } from 'react';
import styles from './button.module.css';
import { Icon } from './icons.tsx';

type ButtonProps = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className'> & {
  /** `primary`: what most people want to do here; at most one in sight. `final`: does what `danger` has asked about. */
  kind?: 'primary' | 'plain' | 'danger' | 'final';
  icon?: Parameters<typeof Icon>[0]['name'];
};

export function Button({ kind = 'plain', icon, children, ...button }: ButtonProps) {
  return (
    <button type="button" {...button} className={styles.button} data-kind={kind}>
      {icon && <Icon name={icon} size={16} />}
      {children}
    </button>
  );
}
