import { useState } from 'react';
import type { Workspace } from '../app/workspace.ts';
import { texts } from '../texts/texts.ts';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { Menu } from '../ui/menu.tsx';
import { useDeletion } from '../ui/use-deletion.ts';
import { shownName } from '../util/shown-name.ts';
import { CollectionDialog } from './collection-dialog.tsx';
import type { Collection } from './collections.ts';

type CollectionMenuProps = { collection: Collection; workspace: Workspace };

/** What can be done with a collection as a whole. */
export function CollectionMenu({ collection, workspace }: CollectionMenuProps) {
  const { id, fileCount } = collection;
  const [open, setOpen] = useState<'edit' | 'delete' | null>(null);
  const words = texts.collections;
  const name = shownName(collection.name);

  const deletion = useDeletion(async () => {
    await workspace.removeCollection(id);
    workspace.notices.show(words.deleted);
    // The button that opened the dialog is gone with it.
    requestAnimationFrame(() => document.querySelector<HTMLElement>('main nav [aria-current]')?.focus());
  });

  return (
    <>
      <Menu
        label={words.menu(name)}
        items={[
          { label: words.ask, icon: 'newChat', onSelect: () => workspace.askAbout({ collectionIds: [id] }) },
          { label: words.edit, icon: 'edit', onSelect: () => setOpen('edit') },
          { label: words.delete, icon: 'trash', danger: true, onSelect: () => setOpen('delete') },
        ]}
        trigger={(props) => <IconButton {...props} icon="more" label={words.menu(name)} />}
      />
      {open === 'edit' && (
        <CollectionDialog
          title={words.editTitle}
          action={words.editAction}
          name={collection.name}
          description={collection.description}
          canShare={false}
          onSave={({ name: next, description }) => workspace.collections.update(id, { name: next, description })}
          onClose={() => setOpen(null)}
        />
      )}
      {open === 'delete' && (
        <ConfirmDialog
          title={words.deleteTitle}
          text={words.deleteText(name, fileCount)}
          action={words.delete}
          fault={deletion.fault}
          canConfirm={!deletion.isRunning}
          onConfirm={deletion.run}
          onClose={() => {
            setOpen(null);
            deletion.reset();
          }}
        />
      )}
    </>
  );
}
