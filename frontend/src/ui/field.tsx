import { type ReactNode, useId } from 'react';
import styles from './field.module.css';
import { Said } from './said.tsx';

/** What a control needs to be known by its label and its note. */
export type ControlProps = { id: string; 'aria-invalid'?: true | undefined; 'aria-describedby'?: string | undefined };

export type FieldProps = {
  label: string;
  hint?: string | undefined;
  /** What is wrong with what is in it. */
  fault?: string | undefined;
};

/** A control with its label, a hint, and what is wrong with what is in it. */
export function Field({ label, hint, fault, children }: FieldProps & { children: (props: ControlProps) => ReactNode }) {
  const id = useId();
  const note = fault ?? hint;
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <div className={styles.frame} data-fault={fault ? true : undefined}>
        {children({
          id,
          'aria-invalid': fault ? true : undefined,
          'aria-describedby': note ? `${id}-note` : undefined,
        })}
      </div>
      {note && (
        <p id={`${id}-note`} className={fault ? styles.fault : styles.hint} role={fault ? 'alert' : undefined}>
          <Said>{note}</Said>
        </p>
      )}
    </div>
  );
}
