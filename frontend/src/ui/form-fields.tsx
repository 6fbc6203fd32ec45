import { type ReactNode, useEffect, useRef } from 'react';
import type { Faults } from '../api/field-faults.ts';
import styles from './form-fields.module.css';
import { Said } from './said.tsx';

type FormFieldsProps = {
  /** What is wrong with what was sent: the first field with a fault gets the focus. */
  faults: Faults<string>;
  children: ReactNode;
};

/** The fields of a form, one below the other, and below them what is wrong and belongs to none. */
export function FormFields({ faults, children }: FormFieldsProps) {
  const fields = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // In a long form it may be out of sight.
    const isFaulty = Object.keys(faults.fields).length > 0;
    if (isFaulty) fields.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus();
  }, [faults]);
  return (
    <div ref={fields} className={styles.fields}>
      {children}
      {faults.general && (
        <p className={styles.fault} role="alert">
          <Said>{faults.general}</Said>
        </p>
      )}
    </div>
  );
}

/** Two short fields beside each other, where there is room. */
export function FieldPair({ children }: { children: ReactNode }) {
  return <div className={styles.pair}>{children}</div>;
}
