import { useState } from 'react';
import { messageOf } from '../api/api-error.ts';
import type { Workspace } from '../app/workspace.ts';
import { texts } from '../texts/texts.ts';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { Menu, type MenuItem } from '../ui/menu.tsx';
import { useDeletion } from '../ui/use-deletion.ts';
import { shownName } from '../util/shown-name.ts';
import type { KnownFile } from './file-list.ts';

type FileMenuProps = { file: KnownFile; workspace: Workspace; canChange: boolean };

/** What can be done with a file. */
export function FileMenu({ file, workspace, canChange }: FileMenuProps) {
  const [deleting, setDeleting] = useState(false);
  const { notices } = workspace;
  const words = texts.files;
  const name = shownName(file.name);

  const say = (error: unknown) => notices.show(messageOf(error));

  async function retry() {
    const problem = await workspace.files.retry(file.id);
    if (problem) notices.show(problem);
  }

  const deletion = useDeletion(async () => {
    await workspace.removeFile(file.id);
    notices.show(words.deleted);
  });

  const ask: MenuItem = {
    label: words.ask,
    icon: 'newChat',
    onSelect: () => workspace.askAbout({ files: [{ id: file.id, name: file.name }] }),
  };
  const again: MenuItem = { label: words.retry, icon: 'regenerate', onSelect: () => void retry() };
  const changes: MenuItem[] = [
    { label: words.download, icon: 'download', onSelect: () => void workspace.download(file).catch(say) },
    { label: words.delete, icon: 'trash', danger: true, onSelect: () => setDeleting(true) },
  ];
  const items = [
    ...(file.status === 'READY' ? [ask] : []),
    ...(file.status === 'FAILED' && canChange ? [again] : []),
    ...(canChange ? changes : []),
  ];
  if (items.length === 0) return null;

  return (
    <>
      <Menu
        label={words.menu(name)}
        items={items}
        trigger={(props) => <IconButton {...props} icon="more" label={words.menu(name)} />}
      />
      {deleting && (
        <ConfirmDialog
          title={words.deleteTitle}
          text={words.deleteText(name)}
          action={words.delete}
          fault={deletion.fault}
          canConfirm={!deletion.isRunning}
          onConfirm={deletion.run}
          onClose={() => {
            setDeleting(false);
            deletion.reset();
          }}
        />
      )}
    </>
  );
}
