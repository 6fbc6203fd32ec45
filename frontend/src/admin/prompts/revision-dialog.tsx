import { SystemPromptRevisionsDocument } from '@colloquy/sdk';
import { useRead } from '../../api/use-read.ts';
import { texts } from '../../texts/texts.ts';
import { Button } from '../../ui/button.tsx';
import { ReadState } from '../../ui/read-state.tsx';
import { DiffDialog } from './diff-dialog.tsx';
import type { Prompt, RevisionRow } from './prompt.ts';

type RevisionDialogProps = {
  /** The newest revision. */
  prompt: Prompt;
  row: RevisionRow;
  /** Where the revision that follows it stands in the list; null where none does. */
  after: string | null;
  /** Compared with the newest revision, not with the one before it. */
  isWithNewest: boolean;
  /** Null: it applies already. */
  onRestore: (() => void) | null;
  onClose: () => void;
};

/** What has changed between a revision and the one before it, or since then. */
export function RevisionDialog({ prompt, row, after, isWithNewest, onRestore, onClose }: RevisionDialogProps) {
  // It, and the one before it.
  const { data, error, isLoading, reload } = useRead(SystemPromptRevisionsDocument, { id: prompt.id, first: 2, after });
  const read = data?.systemPrompt?.revisions.edges.map(({ node }) => node) ?? [];
  const itself = read.find(({ revision }) => revision === row.revision);
  const previous = read.find(({ revision }) => revision === row.revision - 1);
  const [one, other] = isWithNewest ? [itself, prompt] : [previous, itself];
  const words = texts.admin.prompts;
  const numbers = isWithNewest
    ? ([row.revision, prompt.revision] as const)
    : ([row.revision - 1, row.revision] as const);
  return (
    <DiffDialog
      title={words.diff.between(...numbers)}
      before={one ?? null}
      after={other ?? null}
      onClose={onClose}
      actions={onRestore && <Button onClick={onRestore}>{words.history.restoreNamed(row.revision)}</Button>}
    >
      <ReadState isLoading={isLoading} error={error} empty={words.missing} onRetry={() => void reload()} />
    </DiffDialog>
  );
}
