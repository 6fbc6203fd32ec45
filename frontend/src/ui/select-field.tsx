import type { SelectHTMLAttributes } from 'react';
import { Field, type FieldProps } from './field.tsx';
import { Icon } from './icons.tsx';

type SelectFieldProps = FieldProps &
  Omit<SelectHTMLAttributes<HTMLSelectElement>, 'id' | 'className' | 'children'> & {
    options: readonly { value: string; label: string }[];
  };

export function SelectField({ label, hint, fault, options, ...select }: SelectFieldProps) {
  return (
    <Field label={label} hint={hint} fault={fault}>
      {(control) => (
        <>
          <select {...select} {...control}>
            {options.map(({ value, label: name }) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
          <Icon name="unfold" size={16} />
        </>
      )}
    </Field>
  );
}
