import { useState } from 'react';
import { texts } from '../../texts/texts.ts';
import { Button } from '../../ui/button.tsx';
import { DiffDialog } from './diff-dialog.tsx';
import type { Prompt, PromptDraft } from './prompt.ts';
import styles from './prompt-form.module.css';

type PromptConflictProps = {
  /** What somebody else has saved. */
  newer: Prompt;
  draft: PromptDraft;
  isBusy: boolean;
  onMine: () => void;
  onTheirs: () => void;
};

/** Asks which text applies where two people have changed the same one. */
export function PromptConflict({ newer, draft, isBusy, onMine, onTheirs }: PromptConflictProps) {
  const [isComparing, setComparing] = useState(false);
  const words = texts.admin.prompts.conflict;
  return (
    <div className={styles.conflict}>
      <div role="alert">
        <h3>{words.title}</h3>
        <p>{words.text(newer.revision)}</p>
      </div>
      <div className={styles.actions}>
        <Button onClick={() => setComparing(true)}>{words.compare}</Button>
        <Button disabled={isBusy} onClick={onTheirs}>
          {words.theirs}
        </Button>
        <Button disabled={isBusy} onClick={onMine}>
          {words.mine}
        </Button>
      </div>
      {isComparing && (
        <DiffDialog
          title={words.compareTitle(newer.revision)}
          before={newer}
          after={draft}
          onClose={() => setComparing(false)}
        />
      )}
    </div>
  );
}
