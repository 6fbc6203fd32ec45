import { useId, useState } from 'react';
import { LeaveGuard } from '../../app/leave-guard.tsx';
import type { Router } from '../../app/router.ts';
import { texts } from '../../texts/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogActions } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { useModal } from '../../ui/use-modal.ts';
import { copyText } from '../../util/copy-text.ts';
import { shownName } from '../../util/shown-name.ts';
import styles from './secret-dialog.module.css';
import { SecretExamples } from './secret-examples.tsx';

type SecretDialogProps = { router: Router; name: string; secret: string; onClose: () => void };

/**
 * Shows the secret of a key, which nobody can be shown again: until it has been copied, or somebody says that it is
 * kept, neither Escape nor a click beside it closes this, and both the page and the browser ask before it is left.
 */
export function SecretDialog({ router, name, secret, onClose }: SecretDialogProps) {
  const words = texts.admin.keys.secret;
  const dialog = useModal();
  const id = useId();
  const [copy, setCopy] = useState<'done' | 'refused' | null>(null);
  const [isKept, setKept] = useState(false);
  const mayClose = copy === 'done' || isKept;

  return (
    <>
      <Dialog
        dialog={dialog}
        title={words.title(shownName(name))}
        className={styles.dialog}
        aria-describedby={id}
        // Some browsers close on a second Escape whatever is said to the first.
        closedby={mayClose ? 'closerequest' : 'none'}
        onCancel={(event) => {
          if (!mayClose) event.preventDefault();
        }}
        onClose={() => {
          if (mayClose) onClose();
          else dialog.current?.showModal();
        }}
      >
        <p id={id} className={styles.warning}>
          {words.warning}
        </p>
        <div className={styles.secret}>
          <TextField
            label={words.label}
            value={secret}
            readOnly
            autoComplete="off"
            onFocus={(event) => event.target.select()}
            onCopy={({ currentTarget: { selectionStart, selectionEnd } }) => {
              if (selectionStart === 0 && selectionEnd === secret.length) setCopy('done');
            }}
          />
          <Button
            kind="primary"
            icon={copy === 'done' ? 'check' : 'copy'}
            onClick={async () => {
              setCopy((await copyText(secret)) ? 'done' : 'refused');
            }}
          >
            {words.copy}
          </Button>
        </div>
        <SecretExamples secret={secret} />
        <label className={styles.kept}>
          <input type="checkbox" checked={isKept} onChange={(event) => setKept(event.target.checked)} />
          {words.kept}
        </label>
        <DialogActions>
          <p className={styles.said} role="status">
            {copy === null ? isKept || words.hint : words.copies[copy]}
          </p>
          <Button disabled={!mayClose} onClick={() => dialog.current?.close()}>
            {words.done}
          </Button>
        </DialogActions>
      </Dialog>
      {/* Beside it: React would tell it, as of its own, of the closing of a dialog within it. */}
      <LeaveGuard router={router} isOn={!mayClose} words={words.leaving} />
    </>
  );
}
