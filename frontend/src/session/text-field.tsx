import { type InputHTMLAttributes, type ReactNode, useId } from 'react';
import styles from './text-field.module.css';

type TextFieldProps = Omit<InputHTMLAttributes<HTMLInputElement>, 'id' | 'className'> & {
  label: string;
  hint?: string | undefined;
  fault?: string | undefined;
  /** Beside the input, inside its frame. */
  children?: ReactNode;
};

/** An input with its label, a hint, and what is wrong with what is in it. */
export function TextField({ label, hint, fault, children, ...input }: TextFieldProps) {
  const id = useId();
  const note = fault ?? hint;
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <div className={styles.frame} data-fault={fault ? true : undefined}>
        <input
          {...input}
          id={id}
          aria-invalid={fault ? true : undefined}
          aria-describedby={note ? `${id}-note` : undefined}
          spellCheck={false}
          autoCapitalize="none"
        />
        {children}
      </div>
      {note && (
        <p id={`${id}-note`} className={fault ? styles.fault : styles.hint} role={fault ? 'alert' : undefined}>
          {note}
        </p>
      )}
    </div>
  );
}
