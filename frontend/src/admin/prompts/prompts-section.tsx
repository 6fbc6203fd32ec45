import { useEffect, useRef } from 'react';
import type { AdminSectionProps } from '../section-props.ts';
import { NewPrompt } from './new-prompt.tsx';
import { NEW_PROMPT } from './prompt.ts';
import { PromptList } from './prompt-list.tsx';
import { PromptView } from './prompt-view.tsx';

/** System prompts: the list, a new one, or one with its history. */
export function PromptsSection({ workspace, itemId }: AdminSectionProps) {
  const shown = useRef(itemId);
  const hasMoved = shown.current !== itemId;
  useEffect(() => {
    shown.current = itemId;
  }, [itemId]);
  if (itemId === null) return <PromptList workspace={workspace} takesFocus={hasMoved} />;
  if (itemId === NEW_PROMPT) return <NewPrompt workspace={workspace} />;
  return <PromptView key={itemId} workspace={workspace} id={itemId} takesFocus={hasMoved} />;
}
