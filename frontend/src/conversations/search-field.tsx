import { type RefObject, useEffect, useState } from 'react';
import { texts } from '../texts.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { Icon } from '../ui/icons.tsx';
import { useStore } from '../util/store.ts';
import type { ConversationLists } from './conversation-lists.ts';
import styles from './search-field.module.css';

const PAUSE_MS = 150;
const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

type SearchFieldProps = { lists: ConversationLists; input: RefObject<HTMLInputElement | null> };

/** Searches while it is typed into. */
export function SearchField({ lists, input }: SearchFieldProps) {
  const searching = useStore(lists.store, (state) => state.search !== null);
  const [text, setText] = useState('');

  useEffect(() => {
    const timer = setTimeout(() => void lists.search(text), text === '' ? 0 : PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, lists]);

  // Ended from elsewhere.
  useEffect(() => {
    if (!searching) setText('');
  }, [searching]);

  return (
    <search className={styles.field}>
      <Icon name="search" size={16} />
      <input
        ref={input}
        type="text"
        value={text}
        maxLength={200}
        aria-label={texts.sidebar.search}
        placeholder={texts.sidebar.searchHint}
        spellCheck={false}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || text === '') return;
          event.stopPropagation();
          setText('');
        }}
      />
      {text === '' ? (
        <span className={styles.keys} aria-hidden="true">
          {texts.sidebar.searchKeys(isMac)}
        </span>
      ) : (
        <IconButton icon="close" label={texts.sidebar.clearSearch} size={14} onClick={() => setText('')} />
      )}
    </search>
  );
}
