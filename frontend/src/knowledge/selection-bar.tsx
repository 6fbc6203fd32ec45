import { useState } from 'react';
import type { Workspace } from '../app/workspace.ts';
import { texts } from '../texts/texts.ts';
import { Button } from '../ui/button.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { Left, useDeletion } from '../ui/use-deletion.ts';
import type { KnownFile } from './file-list.ts';
import styles from './selection-bar.module.css';

type SelectionBarProps = {
  files: readonly KnownFile[];
  workspace: Workspace;
  onChoose: (ids: readonly string[]) => void;
};

/** As many as a conversation can be told to look into. */
const MOST_ASKED = 50;

/** What can be done with all files that are chosen. */
export function SelectionBar({ files, workspace, onChoose }: SelectionBarProps) {
  const [isDeleting, setDeleting] = useState(false);
  const words = texts.files;
  const failed = files.filter(({ status }) => status === 'FAILED');
  const isReady = files.every(({ status }) => status === 'READY') && files.length <= MOST_ASKED;

  const deletion = useDeletion(async () => {
    const { left, reason } = await workspace.removeFiles(files.map(({ id }) => id));
    onChoose(left);
    if (left.length > 0) throw new Left(words.notDeleted(left.length, reason ?? ''));
    workspace.notices.show(words.deletedSeveral(files.length));
  });

  async function retry() {
    const problems = await Promise.all(failed.map(({ id }) => workspace.files.retry(id)));
    const problem = problems.find((one) => one !== null);
    if (problem) workspace.notices.show(problem);
    onChoose([]);
  }

  return (
    <div className={styles.bar}>
      <IconButton icon="close" label={words.clearChoice} size={16} onClick={() => onChoose([])} />
      <span role="status">{words.chosen(files.length)}</span>
      {isReady && (
        <Button onClick={() => workspace.askAbout({ files: files.map(({ id, name }) => ({ id, name })) })}>
          {words.askSeveral}
        </Button>
      )}
      {failed.length > 0 && <Button onClick={() => void retry()}>{words.retrySeveral}</Button>}
      <Button onClick={() => setDeleting(true)}>{words.delete}</Button>
      {isDeleting && (
        <ConfirmDialog
          title={words.deleteSeveral(files.length)}
          text={words.deleteSeveralText}
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
    </div>
  );
}
