import { SystemPromptDocument, UpdateSystemPromptDocument } from '@colloquy/sdk';
import { useEffect, useState } from 'react';
import { isCode } from '../../api/api-error.ts';
import { LeaveGuard } from '../../app/leave-guard.tsx';
import type { Workspace } from '../../app/workspace.ts';
import { texts } from '../../texts/texts.ts';
import { Button } from '../../ui/button.tsx';
import { DiffDialog } from './diff-dialog.tsx';
import { draftOf, isChanged, isComplete, type Prompt, unsavedOf } from './prompt.ts';
import { PromptConflict } from './prompt-conflict.tsx';
import styles from './prompt-form.module.css';
import { PromptForm } from './prompt-form.tsx';

type PromptEditorProps = {
  workspace: Workspace;
  /** Its newest revision that is known. */
  prompt: Prompt;
  onSaved: (prompt: Prompt) => void;
  /** Whether something of it has not been saved. */
  onUnsaved: (isUnsaved: boolean) => void;
};

/** Where a prompt is changed. What somebody else has saved meanwhile is never written over unread. */
export function PromptEditor({ workspace, prompt, onSaved, onUnsaved }: PromptEditorProps) {
  const { notices, promptDrafts } = workspace;
  const [kept] = useState(() => unsavedOf(promptDrafts.read(prompt.id), prompt));
  const [shown, setShown] = useState(prompt);
  /** What the draft started from. */
  const [base, setBase] = useState<Prompt>({ ...prompt, revision: kept?.revision ?? prompt.revision });
  const [draft, setDraft] = useState(() => draftOf(kept ?? prompt));
  const [newer, setNewer] = useState<Prompt | null>(base.revision < prompt.revision ? prompt : null);
  const [fault, setFault] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const [isComparing, setComparing] = useState(false);
  const words = texts.admin.prompts;
  const isUnsaved = isChanged(draft, base);
  const canSave = isUnsaved && isComplete(draft) && !newer;
  useEffect(() => onUnsaved(isUnsaved), [isUnsaved, onUnsaved]);
  useEffect(() => {
    promptDrafts.write(base.id, isUnsaved ? { ...draft, revision: base.revision } : null);
  }, [promptDrafts, base, draft, isUnsaved]);
  useEffect(() => {
    if (kept) notices.show(texts.admin.prompts.isBack);
  }, [kept, notices]);

  // It has been saved, or a revision restored.
  if (prompt !== shown) {
    setShown(prompt);
    if (prompt.revision > base.revision) take(prompt);
  }

  /** What has been written here goes. */
  function take(other: Prompt): void {
    setBase(other);
    setDraft(draftOf(other));
    setNewer(null);
    setFault(null);
  }

  async function save(ifRevision: number) {
    setBusy(true);
    setFault(null);
    try {
      const input = { id: base.id, ...draft, ifRevision };
      const { updateSystemPrompt } = await workspace.client.mutate(UpdateSystemPromptDocument, { input });
      onSaved(updateSystemPrompt);
      notices.show(words.saved(updateSystemPrompt.revision));
    } catch (error) {
      const found = isCode(error, 'CONFLICT') ? await readNewer(ifRevision) : null;
      // Where it could not be sent, what has been found before has still to be decided.
      if (found) setNewer(found);
      setFault(found ? null : error);
    } finally {
      setBusy(false);
    }
  }

  /** Null where it is the newest: then the conflict is another one. */
  async function readNewer(revision: number): Promise<Prompt | null> {
    const read = workspace.client.query(SystemPromptDocument, { id: base.id }).catch(() => null);
    const found = (await read)?.systemPrompt;
    return found && found.revision > revision ? found : null;
  }

  return (
    <>
      <PromptForm
        draft={draft}
        fault={fault}
        isBusy={isBusy}
        canSave={canSave}
        onChange={setDraft}
        onSave={() => void save(base.revision)}
      >
        {newer && (
          <PromptConflict
            newer={newer}
            draft={draft}
            isBusy={isBusy}
            onMine={() => void save(newer.revision)}
            onTheirs={() => {
              take(newer);
              onSaved(newer);
            }}
          />
        )}
        {!newer && (
          <>
            <Button kind="primary" type="submit" disabled={isBusy || !canSave}>
              {words.save}
            </Button>
            {isUnsaved && (
              <>
                <Button onClick={() => setComparing(true)}>{words.showChanges}</Button>
                <Button disabled={isBusy} onClick={() => setDraft(draftOf(base))}>
                  {words.discard}
                </Button>
                <span className={styles.unsaved}>{words.unsaved}</span>
              </>
            )}
          </>
        )}
      </PromptForm>
      {isComparing && (
        <DiffDialog title={words.yourChanges} before={base} after={draft} onClose={() => setComparing(false)} />
      )}
      <LeaveGuard router={workspace.router} isOn={isUnsaved} onLeave={() => promptDrafts.clear(base.id)} />
    </>
  );
}
