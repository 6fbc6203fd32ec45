import { type ModelsQuery, RemoveModelDocument } from '@colloquy/sdk';
import { useState } from 'react';
import { messageOf } from '../../api/api-error.ts';
import type { Read } from '../../api/use-read.ts';
import type { Workspace } from '../../app/workspace.ts';
import { texts } from '../../texts/texts.ts';
import { Badge } from '../../ui/badge.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { ReadState } from '../../ui/read-state.tsx';
import { formatBytes } from '../../util/amounts.ts';
import { shownName } from '../../util/shown-name.ts';
import { Part } from '../part.tsx';

type Model = ModelsQuery['models'][number];

type ModelListProps = { workspace: Workspace; read: Read<ModelsQuery>; onRemoved: () => void };

/** Those whose models are files that the server can delete. */
const REMOVABLE: readonly Model['provider'][] = ['OLLAMA', 'LLAMA_CPP'];

const columns = (): Column<Model>[] => {
  const words = texts.admin.models.list;
  return [
    {
      key: 'name',
      head: words.name,
      cell: ({ name, isDefault, embedding }) => (
        <>
          <bdi>{shownName(name)}</bdi> {isDefault && <Badge kind="good">{words.isDefault}</Badge>}{' '}
          {embedding && (
            <span title={words.embeddingHint}>
              <Badge>{words.embedding}</Badge>
            </span>
          )}
        </>
      ),
    },
    { key: 'provider', head: words.provider, cell: ({ provider }) => texts.admin.models.names[provider] },
    { key: 'quantization', head: words.quantization, cell: ({ quantization }) => quantization ?? '—' },
    {
      key: 'context',
      head: words.context,
      isNumber: true,
      cell: ({ contextWindow }) => (contextWindow === null ? '—' : words.tokens(contextWindow)),
    },
    {
      key: 'size',
      head: words.size,
      isNumber: true,
      cell: ({ sizeBytes }) => (sizeBytes === null ? '—' : formatBytes(sizeBytes)),
    },
  ];
};

/** What can be used at this moment, by provider. */
export function ModelList({ workspace, read, onRemoved }: ModelListProps) {
  const [removing, setRemoving] = useState<Model | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const { data, error, isLoading, reload } = read;
  const words = texts.admin.models.list;
  const models = data?.models ?? [];

  async function remove(model: string) {
    setFault(null);
    try {
      await workspace.client.mutate(RemoveModelDocument, { model });
      setRemoving(null);
      workspace.notices.show(words.removed);
      onRemoved();
    } catch (failure) {
      setFault(messageOf(failure));
    }
  }

  return (
    <Part title={words.title} isBusy={isLoading}>
      {models.length > 0 && (
        <DataTable
          label={words.title}
          columns={columns()}
          rows={models}
          actionsLabel={words.actions}
          actions={(model) =>
            REMOVABLE.includes(model.provider) && (
              <IconButton
                icon="trash"
                size={16}
                label={words.removeNamed(shownName(model.name))}
                onClick={() => setRemoving(model)}
              />
            )
          }
        />
      )}
      {(models.length === 0 || Boolean(error)) && (
        <ReadState isLoading={isLoading} error={error} empty={words.empty} onRetry={() => void reload()} />
      )}
      {removing && (
        <ConfirmDialog
          title={words.removeTitle}
          text={words.removeText(shownName(removing.id))}
          action={words.remove}
          fault={fault}
          onConfirm={() => remove(removing.id)}
          onClose={() => {
            setRemoving(null);
            setFault(null);
          }}
        />
      )}
    </Part>
  );
}
