import { SystemPromptHistoryDocument, type SystemPromptHistoryQuery } from '@colloquy/sdk';
import { useEffect, useRef, useState } from 'react';
import { useConnection } from '../../api/use-connection.ts';
import type { Workspace } from '../../app/workspace.ts';
import { texts } from '../../texts/texts.ts';
import { Badge } from '../../ui/badge.tsx';
import { ConnectionList } from '../../ui/connection-list.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Menu, type MenuItem } from '../../ui/menu.tsx';
import { formatTime } from '../../util/amounts.ts';
import { Part } from '../part.tsx';
import type { Prompt, RevisionRow } from './prompt.ts';
import { RestoreDialog } from './restore-dialog.tsx';
import { RevisionDialog } from './revision-dialog.tsx';

type PromptHistoryProps = {
  workspace: Workspace;
  prompt: Prompt;
  /** Something of the prompt has been changed above, and not saved. */
  isUnsaved: boolean;
  onRestored: (prompt: Prompt) => void;
};

type Open = { row: RevisionRow; how: 'newest' | 'previous' | 'restore' };

/** What a prompt has said, the newest first. */
export function PromptHistory({ workspace, prompt, isUnsaved, onRestored }: PromptHistoryProps) {
  const read = useConnection(SystemPromptHistoryDocument, pageOf, { id: prompt.id });
  const [open, setOpen] = useState<Open | null>(null);
  const words = texts.admin.prompts.history;
  const { reload, nodes } = read;
  const shown = useRef(prompt.revision);
  useEffect(() => {
    if (shown.current === prompt.revision) return;
    shown.current = prompt.revision;
    reload();
  }, [prompt.revision, reload]);

  const isNewest = ({ revision }: RevisionRow) => revision === prompt.revision;
  const columns: Column<RevisionRow>[] = [
    {
      key: 'revision',
      head: texts.admin.prompts.revision,
      cell: (row) => (
        <>
          {texts.admin.prompts.revisionOf(row.revision)} {isNewest(row) && <Badge kind="good">{words.newest}</Badge>}
        </>
      ),
    },
    { key: 'version', head: texts.admin.prompts.version, cell: ({ version }) => <bdi>{version}</bdi> },
    { key: 'author', head: words.author, cell: ({ author }) => <bdi>{author?.username ?? words.nobody}</bdi> },
    {
      key: 'at',
      head: words.at,
      cell: ({ createdAt }) => <time dateTime={createdAt}>{formatTime(createdAt)}</time>,
    },
  ];

  function actionsOf(row: RevisionRow): MenuItem[] {
    const items: (MenuItem | false)[] = [
      !isNewest(row) && {
        label: words.compareWithNewest,
        icon: 'list',
        onSelect: () => setOpen({ row, how: 'newest' }),
      },
      row.revision > 1 && {
        label: words.compareWithPrevious,
        icon: 'list',
        onSelect: () => setOpen({ row, how: 'previous' }),
      },
      !isNewest(row) && {
        label: words.restore,
        icon: 'regenerate',
        onSelect: () => setOpen({ row, how: 'restore' }),
      },
    ];
    return items.filter((item) => item !== false);
  }

  return (
    <Part title={words.title}>
      <ConnectionList read={read} empty={texts.admin.prompts.missing}>
        {(rows) => (
          <DataTable
            label={words.title}
            columns={columns}
            rows={rows}
            actionsLabel={words.actions}
            actions={(row) => {
              const items = actionsOf(row);
              const label = words.menu(row.revision);
              if (items.length === 0) return null;
              return (
                <Menu
                  label={label}
                  items={items}
                  trigger={(props) => <IconButton {...props} icon="more" label={label} />}
                />
              );
            }}
          />
        )}
      </ConnectionList>
      {open && open.how !== 'restore' && (
        <RevisionDialog
          prompt={prompt}
          row={open.row}
          after={nodes[nodes.findIndex(({ id }) => id === open.row.id) - 1]?.cursor ?? null}
          isWithNewest={open.how === 'newest'}
          onRestore={isNewest(open.row) ? null : () => setOpen({ ...open, how: 'restore' })}
          onClose={() => setOpen((now) => (now === open ? null : now))}
        />
      )}
      {open?.how === 'restore' && (
        <RestoreDialog
          workspace={workspace}
          promptId={prompt.id}
          revision={open.row.revision}
          isUnsaved={isUnsaved}
          onRestored={onRestored}
          onClose={() => setOpen(null)}
        />
      )}
    </Part>
  );
}

/** Revisions have no id of their own: their number is one within the prompt. */
function pageOf({ systemPrompt }: SystemPromptHistoryQuery) {
  const { edges, pageInfo } = systemPrompt?.revisions ?? { edges: [], pageInfo: NO_MORE };
  const rows = edges.map(({ cursor, node }): { node: RevisionRow } => ({
    node: { ...node, cursor, id: String(node.revision) },
  }));
  return { edges: rows, pageInfo };
}

const NO_MORE = { endCursor: null, hasNextPage: false };
