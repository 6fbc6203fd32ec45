import { ApiKeysDocument, type CreateApiKeyMutation } from '@colloquy/sdk';
import { useState } from 'react';
import { flushSync } from 'react-dom';
import { useConnection } from '../../api/use-connection.ts';
import type { Workspace } from '../../app/workspace.ts';
import { texts } from '../../texts/texts.ts';
import { Button } from '../../ui/button.tsx';
import { ConnectionList } from '../../ui/connection-list.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import { focusHeading } from '../focus-heading.ts';
import { ListCount } from '../list-count.tsx';
import { ReloadButton } from '../reload-button.tsx';
import { SectionHead } from '../section-head.tsx';
import { CheckSecretDialog } from './check-secret-dialog.tsx';
import { CreateKeyDialog } from './create-key-dialog.tsx';
import { keyColumns } from './key-columns.tsx';
import { KeyMenu } from './key-menu.tsx';
import { SecretDialog } from './secret-dialog.tsx';

type Made = CreateApiKeyMutation['createApiKey'];

/** The credentials of programs. */
export function KeysSection({ workspace }: { workspace: Workspace }) {
  const words = texts.admin.keys;
  const read = useConnection(ApiKeysDocument, ({ apiKeys }) => apiKeys, {});
  const [open, setOpen] = useState<'create' | 'check' | null>(null);
  /** The only place where the page has a secret; it is gone with the dialog that shows it. */
  const [made, setMade] = useState<Made | null>(null);

  function drop(id: string) {
    flushSync(() => read.drop(id));
    focusHeading();
  }

  return (
    <>
      <SectionHead
        title={words.title}
        about={
          <>
            {words.intro} <ListCount total={read.total} text={words.number} />
          </>
        }
      >
        <ReloadButton onReload={read.reload} />
        <Button icon="search" onClick={() => setOpen('check')}>
          {words.check.open}
        </Button>
        <Button kind="primary" icon="add" onClick={() => setOpen('create')}>
          {words.create.open}
        </Button>
      </SectionHead>
      <ConnectionList read={read} empty={words.empty}>
        {(keys) => (
          <DataTable
            label={words.title}
            columns={keyColumns()}
            rows={keys}
            actionsLabel={words.menu('')}
            actions={(key) => <KeyMenu apiKey={key} workspace={workspace} onChange={read.put} onGone={drop} />}
          />
        )}
      </ConnectionList>
      {open === 'create' && (
        <CreateKeyDialog
          workspace={workspace}
          onCreated={(payload) => {
            read.put(payload.apiKey, true);
            setMade(payload);
          }}
          onClose={() => setOpen(null)}
        />
      )}
      {open === 'check' && <CheckSecretDialog client={workspace.client} onClose={() => setOpen(null)} />}
      {made && (
        <SecretDialog
          router={workspace.router}
          name={made.apiKey.clientName}
          secret={made.secret}
          onClose={() => setMade(null)}
        />
      )}
    </>
  );
}
