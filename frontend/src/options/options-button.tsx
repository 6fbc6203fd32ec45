import { Suspense, useEffect, useRef, useState } from 'react';
import { FaultBoundary } from '../app/fault-boundary.tsx';
import { texts } from '../texts/texts.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { lazyPart } from '../util/lazy-part.ts';
import { useStore } from '../util/store.ts';
import { type AnswerOptionsStore, numberOfOptions } from './answer-options.ts';
import styles from './options-button.module.css';

/** Few people need it. */
const OptionsDialog = lazyPart(async () => (await import('./options-dialog.tsx')).OptionsDialog);

type OptionsButtonProps = { kept: AnswerOptionsStore; conversationId: string | null };

/** Opens the options of a conversation, and says how many of them are set. */
export function OptionsButton({ kept, conversationId }: OptionsButtonProps) {
  // Read anew with every change.
  useStore(kept.store, (state) => state.byConversation);
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const options = kept.read(conversationId);
  const wasOpen = useRef(false);

  // Before the dialog has gone nothing beside it can have the focus.
  useEffect(() => {
    if (wasOpen.current && !isOpen) button.current?.focus();
    wasOpen.current = isOpen;
  }, [isOpen]);

  const number = numberOfOptions(options);
  return (
    <>
      <IconButton
        ref={button}
        icon="settings"
        size={16}
        label={number === 0 ? texts.options.open : texts.options.openSet(number)}
        className={styles.button}
        data-set={number > 0 || undefined}
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}
      />
      {isOpen && (
        <FaultBoundary isPart>
          <Suspense>
            <OptionsDialog
              options={options}
              onSave={(next) => {
                kept.write(conversationId, next);
                setOpen(false);
              }}
              onClose={() => setOpen(false)}
            />
          </Suspense>
        </FaultBoundary>
      )}
    </>
  );
}
