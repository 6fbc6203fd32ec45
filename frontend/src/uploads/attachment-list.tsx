import type { Workspace } from '../app/workspace.ts';
import { isBeingRead, type KnownFile } from '../knowledge/file-list.ts';
import { inPageWords } from '../texts/server-words.ts';
import { texts } from '../texts/texts.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { Icon } from '../ui/icons.tsx';
import { ProgressBar } from '../ui/progress-bar.tsx';
import { Said } from '../ui/said.tsx';
import { shownName } from '../util/shown-name.ts';
import { useStore } from '../util/store.ts';
import styles from './attachment-list.module.css';
import type { Upload } from './uploads.ts';

type Attachment = { upload: Upload; file: KnownFile | null; isOnItsWay: boolean };

/** What is attached to the message that is being written, each as the server last told it. */
export function useAttachments(workspace: Workspace, owner: string): Attachment[] {
  const items = useStore(workspace.uploads.store, (state) => state.items);
  const byId = useStore(workspace.files.store, (state) => state.byId);
  return items
    .filter((upload) => upload.owner === owner)
    .map((upload) => {
      const file = upload.file && (byId.get(upload.file.id) ?? upload.file);
      return { upload, file, isOnItsWay: file ? isBeingRead(file) : upload.phase !== 'failed' };
    });
}

type AttachmentListProps = {
  attachments: readonly Attachment[];
  workspace: Workspace;
  onDrop: (upload: Upload) => void;
};

export function AttachmentList({ attachments, workspace, onDrop }: AttachmentListProps) {
  if (attachments.length === 0) return null;
  return (
    <ul className={styles.list} aria-label={texts.uploads.label}>
      {attachments.map(({ upload, file, isOnItsWay }) => {
        const name = shownName(upload.source.name);
        const unread = file?.status === 'FAILED' ? inPageWords(file.error ?? texts.files.failed) : null;
        const error = upload.error ?? unread;
        return (
          <li key={upload.id} data-failed={error !== null || undefined}>
            <Icon name={error === null ? 'file' : 'warning'} size={16} />
            <div className={styles.what}>
              <bdi className={styles.name} title={name}>
                {name}
              </bdi>
              {error === null ? (
                <small role="status">{statusOf(upload, file)}</small>
              ) : (
                <small role="alert">
                  <Said>{error}</Said>
                </small>
              )}
              {isOnItsWay && (
                <ProgressBar label={texts.uploads.progress(name)} value={file ? file.progress : upload.progress} />
              )}
            </div>
            {error !== null && (
              <IconButton
                icon="regenerate"
                label={texts.uploads.retry(name)}
                size={14}
                onClick={() => (file ? void workspace.files.retry(file.id) : workspace.uploads.retry(upload.id))}
              />
            )}
            <IconButton
              icon="close"
              label={upload.file ? texts.uploads.remove(name) : texts.uploads.cancel(name)}
              size={14}
              onClick={() => onDrop(upload)}
            />
          </li>
        );
      })}
    </ul>
  );
}

function statusOf(upload: Upload, file: KnownFile | null): string {
  if (!file) return upload.phase === 'waiting' ? texts.uploads.waiting : texts.uploads.sending;
  if (!isBeingRead(file)) return texts.uploads.ready;
  return file.status === 'QUEUED' ? texts.files.queued : texts.files.reading;
}
