import { RestoreSystemPromptDocument } from '@colloquy/sdk';
import { useState } from 'react';
import { messageOf } from '../../api/api-error.ts';
import type { Workspace } from '../../app/workspace.ts';
import { texts } from '../../texts/texts.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import type { Prompt } from './prompt.ts';

type RestoreDialogProps = {
  workspace: Workspace;
  promptId: string;
  revision: number;
  isUnsaved: boolean;
  onRestored: (prompt: Prompt) => void;
  onClose: () => void;
};

/** Makes a new revision of an old one. */
export function RestoreDialog(props: RestoreDialogProps) {
  const { workspace, promptId, revision, isUnsaved, onRestored, onClose } = props;
  const [fault, setFault] = useState<string | null>(null);
  const words = texts.admin.prompts.history;

  async function restore() {
    setFault(null);
    try {
      const variables = { id: promptId, revision };
      const { restoreSystemPrompt } = await workspace.client.mutate(RestoreSystemPromptDocument, variables);
      workspace.notices.show(words.restored(revision, restoreSystemPrompt.revision));
      onRestored(restoreSystemPrompt);
      onClose();
    } catch (error) {
      setFault(messageOf(error));
    }
  }

  return (
    <ConfirmDialog
      title={words.restoreTitle(revision)}
      text={isUnsaved ? `${words.restoreText} ${words.restoreUnsaved}` : words.restoreText}
      action={words.restore}
      fault={fault}
      onConfirm={restore}
      onClose={onClose}
    />
  );
}
