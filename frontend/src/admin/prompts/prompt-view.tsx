import { SystemPromptDocument } from '@colloquy/sdk';
import { useState } from 'react';
import { useRead } from '../../api/use-read.ts';
import type { Workspace } from '../../app/workspace.ts';
import { texts } from '../../texts/texts.ts';
import { ReadState } from '../../ui/read-state.tsx';
import { SectionHead } from '../section-head.tsx';
import { BackLink } from './back-link.tsx';
import { DeletePrompt } from './delete-prompt.tsx';
import type { Prompt } from './prompt.ts';
import { PromptEditor } from './prompt-editor.tsx';
import { PromptHistory } from './prompt-history.tsx';
import { PromptKeys } from './prompt-keys.tsx';

type PromptViewProps = { workspace: Workspace; id: string; takesFocus: boolean };

/** One prompt: what it says now, who has it, and what it has said. */
export function PromptView({ workspace, id, takesFocus }: PromptViewProps) {
  const { data, error, isLoading, reload } = useRead(SystemPromptDocument, { id });
  const [written, setWritten] = useState<Prompt | null>(null);
  const [isUnsaved, setUnsaved] = useState(false);
  const back = <BackLink router={workspace.router} />;
  const prompt = written ?? data?.systemPrompt;
  if (!prompt) {
    return (
      <>
        <SectionHead title={texts.admin.prompts.title} back={back} takesFocus={takesFocus} />
        <ReadState
          isLoading={isLoading}
          error={error}
          empty={texts.admin.prompts.missing}
          onRetry={() => void reload()}
        />
      </>
    );
  }
  return (
    <>
      <SectionHead title={<bdi>{prompt.name}</bdi>} back={back} takesFocus={takesFocus}>
        <DeletePrompt workspace={workspace} prompt={prompt} />
      </SectionHead>
      <PromptEditor workspace={workspace} prompt={prompt} onSaved={setWritten} onUnsaved={setUnsaved} />
      <PromptKeys workspace={workspace} id={id} />
      <PromptHistory workspace={workspace} prompt={prompt} isUnsaved={isUnsaved} onRestored={setWritten} />
    </>
  );
}
