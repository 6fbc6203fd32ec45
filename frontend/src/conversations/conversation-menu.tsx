import { useState } from 'react';
import { messageOf } from '../api/api-error.ts';
import type { Workspace } from '../app/workspace.ts';
import { texts } from '../texts.ts';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { Menu } from '../ui/menu.tsx';
import type { Conversation } from './conversation-lists.ts';

type ConversationMenuProps = {
  conversation: Conversation;
  workspace: Workspace;
  className?: string | undefined;
  onRename: () => void;
};

/** What can be done with a conversation as a whole. */
export function ConversationMenu({ conversation, workspace, className, onRename }: ConversationMenuProps) {
  const [deleting, setDeleting] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const { id, title, pinned, archivedAt } = conversation;
  const words = texts.conversation;
  const update = (changes: Parameters<Workspace['update']>[1]) =>
    workspace.update(id, changes).catch((error: unknown) => workspace.notices.show(messageOf(error)));

  async function remove() {
    try {
      await workspace.remove(id);
      setDeleting(false);
      workspace.notices.show(words.deleted);
    } catch (error) {
      setFault(messageOf(error));
    }
  }

  return (
    <>
      <Menu
        label={words.menu(title)}
        items={[
          { label: words.rename, icon: 'edit', onSelect: onRename },
          { label: pinned ? words.unpin : words.pin, icon: 'pin', onSelect: () => void update({ pinned: !pinned }) },
          {
            label: archivedAt ? words.unarchive : words.archive,
            icon: 'archive',
            onSelect: () => void update({ archived: !archivedAt }),
          },
          { label: words.delete, icon: 'trash', danger: true, onSelect: () => setDeleting(true) },
        ]}
        trigger={(props) => (
          <IconButton {...props} icon="more" label={words.menu(title)} {...(className && { className })} />
        )}
      />
      {deleting && (
        <ConfirmDialog
          title={words.deleteTitle}
          text={words.deleteText(title)}
          action={words.delete}
          fault={fault}
          onConfirm={() => void remove()}
          onClose={() => setDeleting(false)}
        />
      )}
    </>
  );
}
