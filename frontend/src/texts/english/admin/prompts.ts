import { count } from '../../count.ts';
import { formatNumber } from '../../language.ts';

export const prompts = {
  title: 'Prompts',
  about:
    'What a model is told before a conversation: who it is, how it answers, what it leaves alone. A change applies from the next answer on.',
  empty: 'There are no prompts yet.',
  create: 'New prompt',
  createAction: 'Create',
  name: 'Name',
  nameHint: 'Unique; people who have it in a conversation see it.',
  version: 'Version label',
  versionHint: 'Your own: 1.2, a date.',
  text: 'Text',
  characters: (length: number, most: number) => `${formatNumber(length)} of ${count(most, 'character', 'characters')}`,
  tooLong: (over: number) => `${count(over, 'character', 'characters')} too long.`,
  revision: 'Revision',
  revisionOf: (revision: number) => `Revision ${formatNumber(revision)}`,
  changedAt: 'Changed',
  back: 'All prompts',
  missing: 'There is no such prompt, or it has been deleted.',
  save: 'Save',
  saved: (revision: number) => `Saved as revision ${formatNumber(revision)}.`,
  created: 'The prompt has been created.',
  discard: 'Discard changes',
  unsaved: 'Not saved yet',
  isBack: 'What you had written and not saved is back.',
  showChanges: 'Show my changes',
  yourChanges: 'Your changes',
  menu: (name: string) => `Actions for ${name}`,
  delete: 'Delete',
  deleteTitle: 'Delete this prompt?',
  deleteText: (name: string) =>
    `“${name}” is deleted with all its revisions. Answers keep the number of the revision they were made with. This cannot be undone.`,
  deleted: 'The prompt has been deleted.',
  conflict: {
    title: 'Somebody has changed this prompt meanwhile',
    text: (revision: number) =>
      `There is a revision ${formatNumber(revision)} now. Nothing of yours has been saved, and nothing is lost: compare, and decide which text applies.`,
    compare: 'Compare with mine',
    compareTitle: (revision: number) => `From revision ${formatNumber(revision)} to yours`,
    mine: 'Save mine over it',
    theirs: 'Take theirs',
  },
  history: {
    title: 'History',
    author: 'By',
    nobody: 'A deleted account',
    at: 'When',
    newest: 'Newest',
    compareWithNewest: 'Compare with the newest',
    compareWithPrevious: 'Compare with the one before',
    restore: 'Restore',
    restoreNamed: (revision: number) => `Restore revision ${formatNumber(revision)}`,
    menu: (revision: number) => `Actions for revision ${formatNumber(revision)}`,
    actions: 'Actions',
    restoreTitle: (revision: number) => `Restore revision ${formatNumber(revision)}?`,
    restoreText:
      'Its text and its version label become a new revision, which applies from the next answer on. Nothing is lost: what applies now stays in the history.',
    restoreUnsaved: 'What you have changed above and not saved is lost.',
    restored: (from: number, revision: number) =>
      `Revision ${formatNumber(from)} applies again, as revision ${formatNumber(revision)}.`,
  },
  diff: {
    between: (before: number, after: number) =>
      `From revision ${formatNumber(before)} to revision ${formatNumber(after)}`,
    summary: (added: number, removed: number) =>
      `${count(added, 'line', 'lines')} added, ${count(removed, 'line', 'lines')} removed`,
    same: 'The texts are the same.',
    versions: (before: string, after: string) => `Version label: “${before}” became “${after}”.`,
    names: (before: string, after: string) => `Name: “${before}” became “${after}”.`,
    added: 'Added: ',
    removed: 'Removed: ',
    folded: (lines: number) => `Show ${count(lines, 'unchanged line', 'unchanged lines')}`,
    more: (lines: number) => `Show ${count(lines, 'more line', 'more lines')}`,
    close: 'Close',
  },
  keys: {
    title: 'API keys that use it',
    empty: 'No API key uses it.',
    ended: 'not active',
  },
};
