import type { FileStatus } from '@colloquy/sdk';
import { texts } from '../texts/texts.ts';
import styles from './file-filters.module.css';

type FileFiltersProps = {
  text: string;
  status: FileStatus | null;
  total: number | null;
  onText: (text: string) => void;
  onStatus: (status: FileStatus | null) => void;
  /** How many of those that are listed are chosen. Left out: they cannot be. */
  chosen?: number;
  listed?: number;
  onChooseAll: (isOn: boolean) => void;
};

const STATES: readonly FileStatus[] = ['READY', 'PROCESSING', 'QUEUED', 'FAILED'];

export function FileFilters(props: FileFiltersProps) {
  const { text, status, total, onText, onStatus, chosen, listed = 0, onChooseAll } = props;
  const words = texts.files;
  return (
    <div className={styles.filters}>
      {chosen !== undefined && (
        <input
          type="checkbox"
          ref={(box) => {
            if (box) box.indeterminate = chosen > 0 && chosen < listed;
          }}
          checked={chosen > 0 && chosen === listed}
          aria-label={words.chooseAll}
          title={words.chooseAll}
          onChange={(event) => onChooseAll(event.target.checked)}
        />
      )}
      <span role="status">{total === null ? '' : words.number(total)}</span>
      <input
        type="search"
        value={text}
        maxLength={200}
        aria-label={words.filterByName}
        placeholder={words.filterByName}
        spellCheck={false}
        onChange={(event) => onText(event.target.value)}
      />
      <select
        value={status ?? ''}
        aria-label={words.filterByStatus}
        onChange={(event) => onStatus(STATES.find((state) => state === event.target.value) ?? null)}
      >
        <option value="">{words.anyStatus}</option>
        {STATES.map((state) => (
          <option key={state} value={state}>
            {words.status[state]}
          </option>
        ))}
      </select>
    </div>
  );
}
