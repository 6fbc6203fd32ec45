import {
  DeleteModelVersionDocument,
  type ModelsQuery,
  type ModelVersionFieldsFragment,
  ModelVersionsDocument,
} from '@colloquy/sdk';
import { useState } from 'react';
import { messageOf } from '../../api/api-error.ts';
import { useConnection } from '../../api/use-connection.ts';
import type { Workspace } from '../../app/workspace.ts';
import { texts } from '../../texts/texts.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { ConnectionList } from '../../ui/connection-list.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Menu } from '../../ui/menu.tsx';
import { formatTime } from '../../util/amounts.ts';
import { Part } from '../part.tsx';
import { VersionDialog } from './version-dialog.tsx';

type ModelVersion = ModelVersionFieldsFragment;

type ModelVersionsProps = { workspace: Workspace; models: ModelsQuery['models'] };

type Open = { kind: 'create' } | { kind: 'edit' | 'delete'; version: ModelVersion };

const modelOf = ({ provider, modelName }: ModelVersion) => `${provider}/${modelName}`;

/** What has been put down of the models in use, the newest first. */
export function ModelVersions({ workspace, models }: ModelVersionsProps) {
  const read = useConnection(ModelVersionsDocument, ({ modelVersions }) => modelVersions, {});
  const [open, setOpen] = useState<Open | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const words = texts.admin.models.versions;
  const { nodes, put, drop } = read;
  const close = () => {
    setOpen(null);
    setFault(null);
  };
  const isCurrent = (version: ModelVersion) =>
    nodes.find((other) => modelOf(other) === modelOf(version))?.id === version.id;

  const columns: Column<ModelVersion>[] = [
    {
      key: 'model',
      head: words.model,
      cell: ({ provider, modelName }) => (
        <>
          <bdi>{modelName}</bdi> <small>{texts.admin.models.names[provider]}</small>
        </>
      ),
    },
    {
      key: 'tag',
      head: words.tag,
      cell: (version) => (
        <span>
          <bdi>{version.versionTag}</bdi> {isCurrent(version) && <Badge kind="good">{words.current}</Badge>}
        </span>
      ),
    },
    { key: 'notes', head: words.notes, cell: ({ notes }) => notes ?? '—' },
    {
      key: 'since',
      head: words.since,
      cell: ({ createdAt }) => <time dateTime={createdAt}>{formatTime(createdAt)}</time>,
    },
  ];

  async function remove(id: string) {
    setFault(null);
    try {
      await workspace.client.mutate(DeleteModelVersionDocument, { id });
      drop(id);
      workspace.notices.show(words.deleted);
      close();
    } catch (error) {
      setFault(messageOf(error));
    }
  }

  const create = (
    <Button icon="add" onClick={() => setOpen({ kind: 'create' })}>
      {words.create}
    </Button>
  );
  return (
    <Part title={words.title} about={words.about} actions={create}>
      <ConnectionList read={read} empty={words.empty}>
        {(versions) => (
          <DataTable
            label={words.title}
            columns={columns}
            rows={versions}
            actionsLabel={words.actions}
            actions={(version) => {
              const label = words.menu(version.versionTag);
              return (
                <Menu
                  label={label}
                  items={[
                    { label: words.edit, icon: 'edit', onSelect: () => setOpen({ kind: 'edit', version }) },
                    {
                      label: words.delete,
                      icon: 'trash',
                      danger: true,
                      onSelect: () => setOpen({ kind: 'delete', version }),
                    },
                  ]}
                  trigger={(props) => <IconButton {...props} icon="more" label={label} />}
                />
              );
            }}
          />
        )}
      </ConnectionList>
      {open?.kind === 'delete' && (
        <ConfirmDialog
          title={words.deleteTitle}
          text={words.deleteText(open.version.modelName, open.version.versionTag)}
          action={words.delete}
          fault={fault}
          onConfirm={() => remove(open.version.id)}
          onClose={close}
        />
      )}
      {open && open.kind !== 'delete' && (
        <VersionDialog
          workspace={workspace}
          models={models}
          version={open.kind === 'edit' ? open.version : null}
          onSaved={(version) => put(version, open.kind === 'create')}
          onClose={close}
        />
      )}
    </Part>
  );
}
