import { inPageWords } from '../texts/server-words.ts';
import { texts } from '../texts/texts.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { ProgressBar } from '../ui/progress-bar.tsx';
import { Said } from '../ui/said.tsx';
import { formatBytes } from '../util/amounts.ts';
import { shownName } from '../util/shown-name.ts';
import styles from './settings.module.css';
import type { Import } from './transfers.ts';

type ImportListProps = { imports: readonly Import[]; onDrop: (id: string) => void };

/** What has come of each file. */
export function ImportList({ imports, onDrop }: ImportListProps) {
  const words = texts.settings.data;
  return (
    <ul className={styles.imports} aria-label={words.imports}>
      {imports.map((item) => {
        const name = shownName(item.name);
        const isOver = item.phase === 'done' || item.phase === 'failed';
        return (
          <li key={item.id}>
            <div className={styles.row}>
              <strong>{name}</strong>
              <IconButton
                icon="close"
                label={isOver ? texts.uploads.dismiss(name) : words.cancelImport(name)}
                onClick={() => onDrop(item.id)}
              />
            </div>
            <p role="status">
              {item.phase === 'waiting' && texts.uploads.waiting}
              {item.phase === 'reading' && words.importing}
              {item.summary && words.summary(item.summary.imported, item.summary.skipped, item.summary.failedCount)}
            </p>
            {item.phase === 'sending' && (
              <>
                <p className={styles.note}>{words.sentOf(formatBytes(item.sent), formatBytes(item.size))}</p>
                <ProgressBar label={texts.uploads.progress(name)} value={item.sent / item.size} />
              </>
            )}
            {item.phase === 'reading' && <ProgressBar label={texts.uploads.progress(name)} value={null} />}
            {item.error && (
              <p className={styles.fault} role="alert">
                <Said>{item.error}</Said>
              </p>
            )}
            {item.summary && item.summary.failed.length > 0 && <Refused summary={item.summary} />}
          </li>
        );
      })}
    </ul>
  );
}

function Refused({ summary }: { summary: NonNullable<Import['summary']> }) {
  const words = texts.settings.data;
  const unnamed = summary.failedCount - summary.failed.length;
  return (
    <details>
      <summary>{words.refused(summary.failedCount)}</summary>
      <ol>
        {summary.failed.map(({ index, title, message }) => (
          <li key={index}>
            <strong>{title ? shownName(title) : words.untitled(index + 1)}</strong> <Said>{inPageWords(message)}</Said>
          </li>
        ))}
      </ol>
      {unnamed > 0 && <p>{words.andMore(unnamed)}</p>}
    </details>
  );
}
