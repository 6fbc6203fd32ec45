import type { InputHTMLAttributes, ReactNode } from 'react';
import { Field, type FieldProps } from './field.tsx';

type TextFieldProps = FieldProps &
  Omit<InputHTMLAttributes<HTMLInputElement>, 'id' | 'className'> & {
    /** Beside the input, inside its frame. */
    children?: ReactNode;
  };

export function TextField({ label, hint, fault, children, ...input }: TextFieldProps) {
  return (
    <Field label={label} hint={hint} fault={fault}>
      {(control) => (
        <>
          <input spellCheck={false} autoCapitalize="none" {...input} {...control} />
          {children}
        </>
      )}
    </Field>
  );
}
