import { CreateSystemPromptDocument } from '@colloquy/sdk';
import { useEffect, useState } from 'react';
import { LeaveGuard } from '../../app/leave-guard.tsx';
import type { Route } from '../../app/router.ts';
import type { Workspace } from '../../app/workspace.ts';
import { texts } from '../../texts/texts.ts';
import { Button } from '../../ui/button.tsx';
import { SectionHead } from '../section-head.tsx';
import { BackLink } from './back-link.tsx';
import { draftOf, EMPTY_DRAFT, isChanged, isComplete, NEW_PROMPT, type PromptDraft, unsavedOf } from './prompt.ts';
import { PromptForm } from './prompt-form.tsx';

const HERE: Route = { view: 'admin', section: 'prompts', itemId: NEW_PROMPT };

/** Where a prompt is written that there is not yet. */
export function NewPrompt({ workspace }: { workspace: Workspace }) {
  const { notices, promptDrafts, router } = workspace;
  const [kept] = useState(() => unsavedOf(promptDrafts.read(null), EMPTY_DRAFT));
  const [draft, setDraft] = useState<PromptDraft>(() => draftOf(kept ?? EMPTY_DRAFT));
  const [fault, setFault] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const words = texts.admin.prompts;
  const isUnsaved = isChanged(draft, EMPTY_DRAFT);
  useEffect(() => {
    promptDrafts.write(null, isUnsaved ? { ...draft, revision: 0 } : null);
  }, [promptDrafts, draft, isUnsaved]);
  useEffect(() => {
    if (kept) notices.show(texts.admin.prompts.isBack);
  }, [kept, notices]);

  async function create() {
    setBusy(true);
    setFault(null);
    try {
      const { createSystemPrompt } = await workspace.client.mutate(CreateSystemPromptDocument, { input: draft });
      promptDrafts.write(null, null);
      const itemId = createSystemPrompt.id;
      if (router.isAt(HERE)) router.show({ view: 'admin', section: 'prompts', itemId }, 'replace');
      notices.show(words.created);
    } catch (error) {
      setFault(error);
      setBusy(false);
    }
  }

  return (
    <>
      <SectionHead title={words.create} about={words.about} back={<BackLink router={router} />} takesFocus />
      <PromptForm
        draft={draft}
        fault={fault}
        isBusy={isBusy}
        canSave={isComplete(draft)}
        onChange={setDraft}
        onSave={() => void create()}
      >
        <Button kind="primary" type="submit" disabled={isBusy || !isComplete(draft)}>
          {words.createAction}
        </Button>
      </PromptForm>
      <LeaveGuard router={router} isOn={isUnsaved} onLeave={() => promptDrafts.write(null, null)} />
    </>
  );
}
