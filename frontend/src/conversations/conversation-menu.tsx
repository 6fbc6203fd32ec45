import { messageOf } from '../api/api-error.ts';
import type { Workspace } from '../app/workspace.ts';
import { texts } from '../texts/texts.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { Menu } from '../ui/menu.tsx';
import type { Conversation } from './conversation-lists.ts';

type ConversationMenuProps = {
  conversation: Conversation;
  workspace: Workspace;
  className?: string | undefined;
  /** By Tab. */
  isReachable?: boolean;
  onRename: () => void;
};

/** What can be done with a conversation as a whole. */
export function ConversationMenu(props: ConversationMenuProps) {
  const { conversation, workspace, className, isReachable = true, onRename } = props;
  const { id, title, pinned, archivedAt } = conversation;
  const words = texts.conversation;
  const say = (error: unknown) => workspace.notices.show(messageOf(error));

  async function save(): Promise<void> {
    const { saveConversation } = await import('./save-conversation.ts');
    const isThere = await saveConversation(workspace.client, id, workspace.shownLeaf(id));
    if (!isThere) workspace.notices.show(words.missing);
  }

  return (
    <Menu
      label={words.menu(title)}
      items={[
        { label: words.rename, icon: 'edit', onSelect: onRename },
        {
          label: pinned ? words.unpin : words.pin,
          icon: 'pin',
          onSelect: () => void workspace.update(id, { pinned: !pinned }).catch(say),
        },
        archivedAt
          ? {
              label: words.unarchive,
              icon: 'archive',
              onSelect: () => void workspace.update(id, { archived: false }).catch(say),
            }
          : { label: words.archive, icon: 'archive', onSelect: () => void workspace.archive(id).catch(say) },
        { label: words.save, icon: 'download', onSelect: () => void save().catch(say) },
        { label: words.delete, icon: 'trash', danger: true, onSelect: () => workspace.remove(id) },
      ]}
      trigger={(trigger) => (
        <IconButton
          {...trigger}
          icon="more"
          label={words.menu(title)}
          tabIndex={isReachable ? 0 : -1}
          {...(className && { className })}
        />
      )}
    />
  );
}
