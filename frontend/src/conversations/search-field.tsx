import { useEffect, useState } from 'react';
import { focusPlace, PLACES } from '../keyboard/places.ts';
import { chordOf } from '../keyboard/shortcuts.ts';
import { belongsToComposing } from '../keyboard/typing.ts';
import { texts } from '../texts/texts.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { Icon } from '../ui/icons.tsx';
import { useStore } from '../util/store.ts';
import type { ConversationLists } from './conversation-lists.ts';
import styles from './search-field.module.css';

const PAUSE_MS = 150;

/** Searches while it is typed into. The arrow keys go on to what was found, Enter opens the first. */
export function SearchField({ lists }: { lists: ConversationLists }) {
  const searching = useStore(lists.store, (state) => state.search !== null);
  const isReading = useStore(lists.store, (state) => state.search?.state === 'loading');
  const [text, setText] = useState('');

  useEffect(() => {
    const timer = setTimeout(() => void lists.search(text), text === '' ? 0 : PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, lists]);

  // Ended from elsewhere.
  useEffect(() => {
    if (!searching) setText('');
  }, [searching]);

  function clear() {
    setText('');
    focusPlace(PLACES.search);
  }

  return (
    <search className={styles.field} aria-busy={isReading}>
      <Icon name="search" size={16} />
      <input
        id={PLACES.search}
        type="text"
        value={text}
        maxLength={200}
        aria-label={texts.sidebar.search}
        placeholder={texts.sidebar.searchHint}
        autoComplete="off"
        spellCheck={false}
        dir="auto"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (belongsToComposing(event.nativeEvent)) return;
          const first = document.querySelector<HTMLElement>('[data-conversations] a');
          if (event.key === 'ArrowDown' && !event.altKey && first) {
            event.preventDefault();
            first.focus();
          } else if (event.key === 'Enter' && text.trim() === lists.store.get().search?.text && !isReading) {
            // Only what belongs to what was typed.
            first?.click();
          } else if (event.key === 'Escape' && text !== '') {
            event.stopPropagation();
            setText('');
          }
        }}
      />
      {text === '' ? (
        <span className={styles.keys} aria-hidden="true">
          {chordOf('search')}
        </span>
      ) : (
        <IconButton icon="close" label={texts.sidebar.clearSearch} size={14} onClick={clear} />
      )}
    </search>
  );
}
