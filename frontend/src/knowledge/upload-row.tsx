import { texts } from '../texts/texts.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { Icon } from '../ui/icons.tsx';
import { ProgressBar } from '../ui/progress-bar.tsx';
import { Said } from '../ui/said.tsx';
import type { Upload, Uploads } from '../uploads/uploads.ts';
import { formatBytes } from '../util/amounts.ts';
import { shownName } from '../util/shown-name.ts';
import styles from './file-row.module.css';

type UploadRowProps = { upload: Upload; uploads: Uploads };

/** A file that the server has not got yet. */
export function UploadRow({ upload, uploads }: UploadRowProps) {
  const { id, source, phase, progress, error } = upload;
  const name = shownName(source.name);
  const isFailed = phase === 'failed';
  return (
    <li className={styles.row} data-status={isFailed ? 'FAILED' : 'SENDING'}>
      <Icon name={isFailed ? 'warning' : 'upload'} />
      <div className={styles.what}>
        <bdi className={styles.name} title={name}>
          {name}
        </bdi>
        <small>{formatBytes(source.size)}</small>
        {isFailed ? (
          <p className={styles.fault} role="alert">
            {error && <Said>{error}</Said>}
          </p>
        ) : (
          <ProgressBar label={texts.uploads.progress(name)} value={progress} />
        )}
      </div>
      <span className={styles.status}>
        {isFailed
          ? texts.uploads.failedShort
          : phase === 'waiting'
            ? texts.uploads.waiting
            : texts.files.percent(progress)}
      </span>
      {isFailed && (
        <IconButton icon="regenerate" label={texts.uploads.retry(name)} size={16} onClick={() => uploads.retry(id)} />
      )}
      <IconButton
        icon="close"
        label={isFailed ? texts.uploads.dismiss(name) : texts.uploads.cancel(name)}
        size={16}
        onClick={() => uploads.drop(id)}
      />
    </li>
  );
}
