import { DeactivateApiKeyDocument, DeleteApiKeyDocument } from '@colloquy/sdk';
import { useRef, useState } from 'react';
import { messageOf } from '../../api/api-error.ts';
import type { Workspace } from '../../app/workspace.ts';
import { texts } from '../../texts/texts.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Menu, type MenuItem } from '../../ui/menu.tsx';
import { shownName } from '../../util/shown-name.ts';
import { type Key, stateOf } from './key.ts';
import { KeyPromptDialog } from './key-prompt-dialog.tsx';

type KeyMenuProps = {
  apiKey: Key;
  workspace: Workspace;
  onChange: (key: Key) => void;
  onGone: (id: string) => void;
};

/** What can be done with a key. */
export function KeyMenu({ apiKey, workspace, onChange, onGone }: KeyMenuProps) {
  const words = texts.admin.keys;
  const { client, notices } = workspace;
  const { id } = apiKey;
  const name = shownName(apiKey.clientName);
  const [open, setOpen] = useState<'prompt' | 'deactivate' | 'remove' | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const shown = useRef(open);
  shown.current = open;

  function close() {
    setOpen(null);
    setFault(null);
  }

  async function act(work: () => Promise<void>, done: string) {
    setBusy(true);
    setFault(null);
    try {
      await work();
      notices.show(done);
    } catch (error) {
      // Whoever has closed it meanwhile takes it for done.
      if (shown.current === null) notices.show(messageOf(error));
      else setFault(messageOf(error));
    } finally {
      setBusy(false);
    }
  }

  const deactivate = () =>
    act(async () => {
      onChange((await client.mutate(DeactivateApiKeyDocument, { id })).deactivateApiKey);
      close();
    }, words.deactivate.done(name));

  const remove = () =>
    act(async () => {
      await client.mutate(DeleteApiKeyDocument, { id });
      onGone(id);
    }, words.remove.done(name));

  const items: MenuItem[] = [
    ...(stateOf(apiKey) === 'active'
      ? [
          { label: words.setPrompt.open, icon: 'edit' as const, onSelect: () => setOpen('prompt') },
          { label: words.deactivate.open, icon: 'stop' as const, onSelect: () => setOpen('deactivate') },
        ]
      : []),
    { label: words.remove.open, icon: 'trash', danger: true, onSelect: () => setOpen('remove') },
  ];

  return (
    <>
      <Menu
        label={words.menu(name)}
        items={items}
        trigger={(props) => <IconButton {...props} icon="more" label={words.menu(name)} />}
      />
      {open === 'prompt' && (
        <KeyPromptDialog
          apiKey={apiKey}
          client={client}
          onSaved={(saved) => {
            onChange(saved);
            notices.show(words.setPrompt.done);
          }}
          onClose={close}
        />
      )}
      {open === 'deactivate' && (
        <ConfirmDialog
          title={words.deactivate.title(name)}
          text={words.deactivate.text}
          action={words.deactivate.action}
          fault={fault}
          canConfirm={!isBusy}
          onConfirm={() => void deactivate()}
          onClose={close}
        />
      )}
      {open === 'remove' && (
        <ConfirmDialog
          title={words.remove.title(name)}
          text={words.remove.text}
          action={isBusy ? words.remove.busy : words.remove.action}
          fault={fault}
          canConfirm={!isBusy}
          onConfirm={() => void remove()}
          onClose={close}
        />
      )}
    </>
  );
}
