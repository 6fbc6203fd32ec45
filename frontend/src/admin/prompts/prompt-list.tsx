import { SystemPromptSummariesDocument, type SystemPromptSummaryFragment } from '@colloquy/sdk';
import { useConnection } from '../../api/use-connection.ts';
import { RouteLink } from '../../app/route-link.tsx';
import type { Workspace } from '../../app/workspace.ts';
import { formatNumber } from '../../texts/language.ts';
import { texts } from '../../texts/texts.ts';
import { Button } from '../../ui/button.tsx';
import { ConnectionList } from '../../ui/connection-list.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { formatTime } from '../../util/amounts.ts';
import { SectionHead } from '../section-head.tsx';
import { NEW_PROMPT } from './prompt.ts';
import styles from './prompts.module.css';

type PromptListProps = { workspace: Workspace; takesFocus: boolean };

/** All prompts, the newest first. */
export function PromptList({ workspace, takesFocus }: PromptListProps) {
  const { router } = workspace;
  const read = useConnection(SystemPromptSummariesDocument, ({ systemPrompts }) => systemPrompts, {});
  const words = texts.admin.prompts;
  const columns: Column<SystemPromptSummaryFragment>[] = [
    {
      key: 'name',
      head: words.name,
      cell: ({ id, name }) => (
        <RouteLink router={router} to={{ view: 'admin', section: 'prompts', itemId: id }} className={styles.link}>
          <bdi>{name}</bdi>
        </RouteLink>
      ),
    },
    { key: 'version', head: words.version, cell: ({ version }) => <bdi>{version}</bdi> },
    { key: 'revision', head: words.revision, isNumber: true, cell: ({ revision }) => formatNumber(revision) },
    {
      key: 'changed',
      head: words.changedAt,
      cell: ({ updatedAt }) => <time dateTime={updatedAt}>{formatTime(updatedAt)}</time>,
    },
  ];
  return (
    <>
      <SectionHead title={words.title} about={words.about} takesFocus={takesFocus}>
        <Button
          kind="primary"
          icon="add"
          onClick={() => router.show({ view: 'admin', section: 'prompts', itemId: NEW_PROMPT })}
        >
          {words.create}
        </Button>
      </SectionHead>
      <ConnectionList read={read} empty={words.empty}>
        {(prompts) => <DataTable label={words.title} columns={columns} rows={prompts} />}
      </ConnectionList>
    </>
  );
}
