import { texts } from '../texts/texts.ts';
import { IconButton } from '../ui/icon-button.tsx';
import styles from './branch-switch.module.css';
import type { ThreadMessage } from './thread-message.ts';

type BranchSwitchProps = { message: ThreadMessage; isDisabled: boolean; onSwitch: (id: string) => void };

/** ‹ 2/3 ›: the versions of a message. Nothing where there is one. */
export function BranchSwitch({ message, isDisabled, onSwitch }: BranchSwitchProps) {
  const { siblings, id } = message;
  if (siblings.length < 2) return null;
  const at = siblings.findIndex((sibling) => sibling.id === id);
  const [before, after] = [siblings[at - 1], siblings[at + 1]];
  const words = texts.message;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset groups what is filled in
    <div className={styles.switch} role="group" aria-label={words.branches}>
      <IconButton
        icon="left"
        label={words.previous}
        size={15}
        disabled={isDisabled || !before}
        onClick={() => before && onSwitch(before.id)}
      />
      <span aria-label={words.branchLabel(at + 1, siblings.length)} role="img">
        {words.branchOf(at + 1, siblings.length)}
      </span>
      <IconButton
        icon="right"
        label={words.next}
        size={15}
        disabled={isDisabled || !after}
        onClick={() => after && onSwitch(after.id)}
      />
    </div>
  );
}
