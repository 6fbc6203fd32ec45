import { memo } from 'react';
import type { Workspace } from '../app/workspace.ts';
import { inPageWords } from '../texts/server-words.ts';
import { texts } from '../texts/texts.ts';
import { Icon } from '../ui/icons.tsx';
import { ProgressBar } from '../ui/progress-bar.tsx';
import { Said } from '../ui/said.tsx';
import { formatBytes, formatDay } from '../util/amounts.ts';
import { shownName } from '../util/shown-name.ts';
import { isBeingRead, type KnownFile } from './file-list.ts';
import { FileMenu } from './file-menu.tsx';
import styles from './file-row.module.css';

type FileRowProps = {
  file: KnownFile;
  workspace: Workspace;
  canChange: boolean;
  showsCollection: boolean;
  isChosen: boolean;
  /** `range`: with all from the one that was toggled before. */
  onToggle: (id: string, range: boolean) => void;
};

export const FileRow = memo(function FileRow(props: FileRowProps) {
  const { file, workspace, canChange, showsCollection, isChosen, onToggle } = props;
  const { status, size, chunkCount, createdAt, progress, error, collection } = file;
  const name = shownName(file.name);
  const facts = [
    formatBytes(size),
    ...(status === 'READY' ? [texts.files.passages(chunkCount)] : []),
    ...(showsCollection && collection ? [shownName(collection.name)] : []),
    formatDay(createdAt),
  ];
  return (
    <li className={styles.row} data-id={file.id} data-status={status} data-chosen={isChosen || undefined}>
      {canChange && (
        <input
          type="checkbox"
          className={styles.choice}
          checked={isChosen}
          aria-label={texts.files.choose(name)}
          onChange={(event) => onToggle(file.id, (event.nativeEvent as MouseEvent).shiftKey)}
        />
      )}
      <Icon name={status === 'FAILED' ? 'warning' : 'file'} />
      <div className={styles.what}>
        <bdi className={styles.name} title={name}>
          {name}
        </bdi>
        <small>{facts.join(' · ')}</small>
        {status === 'FAILED' && (
          <p className={styles.fault}>
            <Said>{error ? inPageWords(error) : texts.files.failed}</Said>
          </p>
        )}
        {isBeingRead(file) && <ProgressBar label={texts.files.progress(name)} value={progress} />}
      </div>
      <span className={styles.status}>
        {status === 'PROCESSING' ? texts.files.percent(progress) : texts.files.status[status]}
      </span>
      <FileMenu file={file} workspace={workspace} canChange={canChange} />
    </li>
  );
});
