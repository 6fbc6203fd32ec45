import { useState } from 'react';
import { messageOf } from '../../api/api-error.ts';
import { texts } from '../../texts/texts.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';

export type RightsStep = 'promote' | 'demote' | 'disable';

type RightsDialogProps = {
  step: RightsStep;
  username: string;
  isSelf: boolean;
  onConfirm: (step: RightsStep) => Promise<void>;
  onClose: () => void;
};

/** Asks before somebody gets or loses rights. That the last administrator stays one is said here too. */
export function RightsDialog({ step, username, isSelf, onConfirm, onClose }: RightsDialogProps) {
  const [fault, setFault] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const words = wordsOf(step, username, isSelf);

  async function confirm() {
    setBusy(true);
    setFault(null);
    try {
      await onConfirm(step);
      onClose();
    } catch (error) {
      setFault(messageOf(error));
      setBusy(false);
    }
  }

  return (
    <ConfirmDialog {...words} fault={fault} canConfirm={!isBusy} onConfirm={() => void confirm()} onClose={onClose} />
  );
}

function wordsOf(step: RightsStep, username: string, isSelf: boolean) {
  const { promote, demote, disable } = texts.admin.users;
  if (step === 'promote') return { title: promote.title(username), text: promote.text, action: promote.action };
  const { title, titleSelf, text, textSelf, action } = step === 'demote' ? demote : disable;
  return { title: isSelf ? titleSelf : title(username), text: isSelf ? textSelf : text, action };
}
