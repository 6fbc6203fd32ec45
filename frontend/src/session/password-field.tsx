import { useState } from 'react';
import { texts } from '../texts/texts.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { TextField } from '../ui/text-field.tsx';

type PasswordFieldProps = {
  name?: string;
  label: string;
  hint: string | undefined;
  fault: string | undefined;
  autoComplete: 'current-password' | 'new-password';
};

export function PasswordField(props: PasswordFieldProps) {
  const [shown, setShown] = useState(false);
  return (
    <TextField name="password" {...props} type={shown ? 'text' : 'password'} required maxLength={200}>
      <IconButton
        icon="eye"
        label={shown ? texts.signIn.hidePassword : texts.signIn.showPassword}
        aria-pressed={shown}
        onClick={() => setShown(!shown)}
      />
    </TextField>
  );
}
