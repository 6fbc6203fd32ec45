import type { SystemPromptFieldsFragment, SystemPromptHistoryQuery } from '@colloquy/sdk';

export type Prompt = SystemPromptFieldsFragment;

/** What of it is written. */
export type PromptDraft = Pick<Prompt, 'name' | 'version' | 'text'>;

type RevisionEdge = NonNullable<SystemPromptHistoryQuery['systemPrompt']>['revisions']['edges'][number];

/** A revision without its text; `cursor` is where it stands in the list. */
export type RevisionRow = RevisionEdge['node'] & { id: string; cursor: string };

/** The server's limits, in UTF-16 units as it counts them. */
export const MOST_NAME = 200;
export const MOST_VERSION = 100;
export const MOST_TEXT = 100_000;

/** In the address, where others have their id. */
export const NEW_PROMPT = 'new';

export const EMPTY_DRAFT: PromptDraft = { name: '', version: '1', text: '' };

export const draftOf = ({ name, version, text }: PromptDraft): PromptDraft => ({ name, version, text });

/** The server takes spaces off names and labels, so they are no change. */
export const isChanged = (draft: PromptDraft, base: PromptDraft): boolean =>
  draft.name.trim() !== base.name || draft.version.trim() !== base.version || draft.text !== base.text;

/** What of a draft the server would take. */
export const isComplete = ({ name, version, text }: PromptDraft): boolean =>
  name.trim() !== '' && version.trim() !== '' && text.trim() !== '' && text.length <= MOST_TEXT;

/** What has been kept of it, where that is not saved. */
export const unsavedOf = <Kept extends PromptDraft>(kept: Kept | null, base: PromptDraft): Kept | null =>
  kept && isChanged(kept, base) ? kept : null;
