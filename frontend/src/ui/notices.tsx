import { chordOf } from '../keyboard/shortcuts.ts';
import { useStore } from '../util/store.ts';
import styles from './notices.module.css';
import type { Notices } from './notices.ts';
import { Said } from './said.tsx';

/** Where the notices are shown, the newest at the bottom. */
export function NoticeArea({ notices }: { notices: Notices }) {
  const all = useStore(notices.store, (state) => state.all);
  return (
    <div
      className={styles.area}
      role="status"
      onPointerOver={notices.hold}
      onPointerLeave={notices.release}
      onFocus={notices.hold}
      onBlur={notices.release}
    >
      {all.map(({ id, text, action }) => (
        <p key={id} data-action={action ? true : undefined}>
          <span>
            <Said>{text}</Said>
          </span>
          {action && (
            <button type="button" title={chordOf('undo')} onClick={() => notices.act(id)}>
              {action.label}
            </button>
          )}
        </p>
      ))}
    </div>
  );
}
