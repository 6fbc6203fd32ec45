import { useState } from 'react';
import { messageOf } from '../api/api-error.ts';
import type { Workspace } from '../app/workspace.ts';
import { texts } from '../texts.ts';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { Menu } from '../ui/menu.tsx';
import { shownName } from '../util/shown-name.ts';
import { CollectionDialog } from './collection-dialog.tsx';
import type { Collection } from './collections.ts';

type CollectionMenuProps = { collection: Collection; workspace: Workspace };

/** What can be done with a collection as a whole. */
export function CollectionMenu({ collection, workspace }: CollectionMenuProps) {
  const { id, fileCount } = collection;
  const [open, setOpen] = useState<'rename' | 'delete' | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const words = texts.collections;
  const name = shownName(collection.name);

  async function remove() {
    try {
      await workspace.removeCollection(id);
      workspace.notices.show(words.deleted);
    } catch (error) {
      setFault(messageOf(error));
    }
  }

  return (
    <>
      <Menu
        label={words.menu(name)}
        items={[
          { label: words.ask, icon: 'newChat', onSelect: () => workspace.askAbout({ collectionIds: [id] }) },
          { label: words.rename, icon: 'edit', onSelect: () => setOpen('rename') },
          { label: words.delete, icon: 'trash', danger: true, onSelect: () => setOpen('delete') },
        ]}
        trigger={(props) => <IconButton {...props} icon="more" label={words.menu(name)} />}
      />
      {open === 'rename' && (
        <CollectionDialog
          title={words.rename}
          action={words.renameAction}
          name={collection.name}
          canShare={false}
          onSave={(next) => workspace.collections.rename(id, next)}
          onClose={() => setOpen(null)}
        />
      )}
      {open === 'delete' && (
        <ConfirmDialog
          title={words.deleteTitle}
          text={words.deleteText(name, fileCount)}
          action={words.delete}
          fault={fault}
          onConfirm={() => void remove()}
          onClose={() => {
            setOpen(null);
            setFault(null);
          }}
        />
      )}
    </>
  );
}
