import type { MouseEvent } from 'react';
import { texts } from '../texts/texts.ts';
import { Dialog } from '../ui/dialog.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { useModal } from '../ui/use-modal.ts';
import { isMac } from './platform.ts';
import styles from './shortcut-help.module.css';
import { keysOf, SHORTCUTS, type Shortcut } from './shortcuts.ts';

const GROUPS: readonly Shortcut['group'][] = ['conversations', 'answers', 'page'];

/** What can be done by keyboard, over the page. The keys that open it close it as well. */
export function ShortcutHelp({ onClose }: { onClose: () => void }) {
  const dialog = useModal();
  const words = texts.keyboard;
  return (
    <Dialog
      dialog={dialog}
      title={words.title}
      className={styles.dialog}
      onClose={onClose}
      onKeyDown={(event) => {
        if (event.key !== '?' && !(event.key === '/' && (event.ctrlKey || event.metaKey))) return;
        event.preventDefault();
        dialog.current?.close();
      }}
      onClick={(event) => {
        if (isBeside(event)) event.currentTarget.close();
      }}
    >
      <IconButton icon="close" label={words.close} className={styles.close} onClick={() => dialog.current?.close()} />
      {GROUPS.map((group) => (
        <section key={group} aria-label={words.groups[group]}>
          <h3>{words.groups[group]}</h3>
          <dl>
            {SHORTCUTS.filter((shortcut) => shortcut.group === group).map((shortcut) => (
              <div key={shortcut.id} className={styles.row}>
                <dt>{words.names[shortcut.id]}</dt>
                <dd>
                  {shortcut.chords.map((chord, index) => (
                    <span key={chord.key} className={styles.chord}>
                      {index > 0 && <small>{words.or}</small>}
                      {keysOf(chord).map((key, at) => (
                        <span key={key}>
                          {at > 0 && !isMac && '+'}
                          <kbd>{key}</kbd>
                        </span>
                      ))}
                    </span>
                  ))}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      <p className={styles.note}>{words.inLists}</p>
    </Dialog>
  );
}

/** Of a click: on what is around the dialog. Its own edge is the dialog too. */
function isBeside({ target, currentTarget, clientX, clientY }: MouseEvent<HTMLDialogElement>): boolean {
  if (target !== currentTarget) return false;
  const { left, right, top, bottom } = currentTarget.getBoundingClientRect();
  return clientX < left || clientX > right || clientY < top || clientY > bottom;
}
