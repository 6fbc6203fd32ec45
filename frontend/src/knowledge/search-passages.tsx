import { texts } from '../texts/texts.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { Icon } from '../ui/icons.tsx';
import styles from './search-passages.module.css';

type SearchPassagesProps = { query: string; onChange: (query: string) => void };

/** Where one looks for what the files say. */
export function SearchPassages({ query, onChange }: SearchPassagesProps) {
  return (
    <search className={styles.field}>
      <Icon name="search" />
      <input
        type="text"
        value={query}
        maxLength={1_000}
        aria-label={texts.search.label}
        placeholder={texts.search.hint}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || query === '') return;
          event.stopPropagation();
          onChange('');
        }}
      />
      {query !== '' && (
        <IconButton icon="close" label={texts.sidebar.clearSearch} size={16} onClick={() => onChange('')} />
      )}
    </search>
  );
}
