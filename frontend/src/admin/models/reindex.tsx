import { ReindexDocument } from '@colloquy/sdk';
import { useState } from 'react';
import { messageOf } from '../../api/api-error.ts';
import type { Workspace } from '../../app/workspace.ts';
import { texts } from '../../texts/texts.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { Part } from '../part.tsx';
import styles from './models.module.css';

/** Has the files read anew, after another model has been chosen for them. */
export function Reindex({ workspace }: { workspace: Workspace }) {
  const [all, setAll] = useState(false);
  const [isAsking, setAsking] = useState(false);
  const [ordered, setOrdered] = useState<number | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const words = texts.admin.models.reindex;
  const close = () => {
    setAsking(false);
    setFault(null);
  };

  async function order() {
    setFault(null);
    try {
      setOrdered((await workspace.client.mutate(ReindexDocument, { collectionId: null, all })).reindex);
      close();
    } catch (error) {
      setFault(messageOf(error));
    }
  }

  return (
    <Part title={words.title} about={words.about}>
      <label className={styles.check}>
        <input type="checkbox" checked={all} onChange={(event) => setAll(event.target.checked)} />
        {words.all}
      </label>
      <div>
        <Button icon="regenerate" onClick={() => setAsking(true)}>
          {words.action}
        </Button>
      </div>
      <p className={styles.result} role="status">
        {ordered !== null && words.ordered(ordered)}
      </p>
      {isAsking && (
        <ConfirmDialog
          title={words.confirmTitle}
          text={words.confirmText}
          action={words.action}
          fault={fault}
          onConfirm={order}
          onClose={close}
        />
      )}
    </Part>
  );
}
