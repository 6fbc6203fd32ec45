import type { ButtonHTMLAttributes, Ref } from 'react';
import styles from './icon-button.module.css';
import { Icon } from './icons.tsx';

type IconButtonProps = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'aria-label' | 'type'> & {
  icon: Parameters<typeof Icon>[0]['name'];
  label: string;
  size?: number;
  ref?: Ref<HTMLButtonElement>;
};

/** A button that is only a drawing; its label is read out and shown as a tip. */
export function IconButton({ icon, label, size, className, ...rest }: IconButtonProps) {
  return (
    <button
      {...rest}
      type="button"
      aria-label={label}
      title={rest.title ?? label}
      className={className ? `${styles.button} ${className}` : styles.button}
    >
      <Icon name={icon} {...(size !== undefined && { size })} />
    </button>
  );
}
