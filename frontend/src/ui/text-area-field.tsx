import type { TextareaHTMLAttributes } from 'react';
import { Field, type FieldProps } from './field.tsx';

type TextAreaFieldProps = FieldProps & Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'id' | 'className'>;

export function TextAreaField({ label, hint, fault, ...area }: TextAreaFieldProps) {
  return (
    <Field label={label} hint={hint} fault={fault}>
      {(control) => <textarea rows={4} {...area} {...control} />}
    </Field>
  );
}
