import { DeleteSystemPromptDocument } from '@colloquy/sdk';
import { useState } from 'react';
import { messageOf } from '../../api/api-error.ts';
import type { Workspace } from '../../app/workspace.ts';
import { texts } from '../../texts/texts.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { shownName } from '../../util/shown-name.ts';
import type { Prompt } from './prompt.ts';

type DeletePromptProps = { workspace: Workspace; prompt: Prompt };

/** One that is in use stays: the server says by whom. */
export function DeletePrompt({ workspace, prompt }: DeletePromptProps) {
  const [isOpen, setOpen] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const words = texts.admin.prompts;
  const { router } = workspace;
  const list = { view: 'admin', section: 'prompts', itemId: null } as const;

  async function remove() {
    setFault(null);
    try {
      await workspace.client.mutate(DeleteSystemPromptDocument, { id: prompt.id });
      workspace.promptDrafts.clear(prompt.id);
      // Nothing that has not been saved can be saved any more.
      if (router.isAt({ ...list, itemId: prompt.id })) router.show(list, 'replace');
      workspace.notices.show(words.deleted);
    } catch (error) {
      setFault(messageOf(error));
    }
  }

  return (
    <>
      <Button kind="danger" icon="trash" onClick={() => setOpen(true)}>
        {words.delete}
      </Button>
      {isOpen && (
        <ConfirmDialog
          title={words.deleteTitle}
          text={words.deleteText(shownName(prompt.name))}
          action={words.delete}
          fault={fault}
          onConfirm={remove}
          onClose={() => {
            setOpen(false);
            setFault(null);
          }}
        />
      )}
    </>
  );
}
