import { ModelFilesDocument } from '@colloquy/sdk';
import { useEffect, useRef } from 'react';
import { useRead } from '../../api/use-read.ts';
import { texts } from '../../texts/texts.ts';
import { Button } from '../../ui/button.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { ReadState } from '../../ui/read-state.tsx';
import { formatBytes } from '../../util/amounts.ts';
import { shownName } from '../../util/shown-name.ts';
import styles from './pull-form.module.css';
import { modelOfFile } from './pull-source.ts';

type ModelFilesProps = {
  /** owner/repository */
  repository: string;
  isBusy: boolean;
  onGet: (model: string) => void;
  onClose: () => void;
};

/** What a repository has, one of which is fetched. */
export function ModelFiles({ repository, isBusy, onGet, onClose }: ModelFilesProps) {
  const { data, error, isLoading, reload } = useRead(ModelFilesDocument, { source: `llama-cpp/hf:${repository}` });
  const heading = useRef<HTMLHeadingElement>(null);
  const words = texts.admin.models.pulls;
  useEffect(() => heading.current?.focus(), []);
  const files = data?.modelFiles ?? [];
  return (
    <section className={styles.files} aria-label={words.files(repository)}>
      <header>
        <h4 ref={heading} tabIndex={-1}>
          {words.files(repository)}
        </h4>
        <IconButton icon="close" size={16} label={texts.dialog.dismiss} onClick={onClose} />
      </header>
      {files.length === 0 && (
        <ReadState isLoading={isLoading} error={error} empty={words.noFiles} onRetry={() => void reload()} />
      )}
      <ul>
        {files.map(({ name, sizeBytes }) => (
          <li key={name}>
            <bdi>{shownName(name)}</bdi>
            {sizeBytes !== null && <span>{formatBytes(sizeBytes)}</span>}
            <Button
              aria-label={words.getFile(shownName(name))}
              disabled={isBusy}
              onClick={() => onGet(modelOfFile(repository, name))}
            >
              {words.get}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
