import { texts } from '../texts/texts.ts';
import { isMac } from './platform.ts';
import { belongsToComposing } from './typing.ts';

export type ShortcutId =
  | 'newChat'
  | 'search'
  | 'previous'
  | 'next'
  | 'rename'
  | 'sidebar'
  | 'composer'
  | 'copyAnswer'
  | 'stop'
  | 'undo'
  | 'help';

type Chord = {
  /** As `KeyboardEvent.key` has it, letters in lower case. */
  key: string;
  /** ⌘ on a Mac, Ctrl elsewhere. */
  command?: true;
  /** Left out: either way, for signs that some keyboards have only with Shift. */
  shift?: boolean;
  alt?: true;
};

export type Shortcut = {
  id: ShortcutId;
  group: 'conversations' | 'answers' | 'page';
  chords: readonly Chord[];
  /** Whether it holds while somebody is writing; `empty`: only as long as nothing has been written there. */
  inFields: boolean | 'empty';
  /** Held down it happens again and again. */
  repeats?: true;
};

/**
 * Every key of the page: what is here is what is handled, and what the overview shows.
 *
 * Chosen so that nothing is taken from anybody. Not used: what browsers keep to themselves (Ctrl+N, T, W) or use on a
 * page (find, print, history with Alt+←, the tools of developers); Ctrl+Alt, which is AltGr and writes signs on many
 * keyboards; Alt or ⌥ with a letter, which opens menus or writes signs; Ctrl+Option, which is VoiceOver's; Insert and
 * Caps Lock, which are NVDA's, JAWS' and Orca's; letters alone, with which they walk through a page. Two are taken from
 * browsers that give them up, because hands know them from other chats: Ctrl+K (a search bar in one of them) and
 * Ctrl+Shift+O (the bookmarks, which have a menu).
 */
export const SHORTCUTS: readonly Shortcut[] = [
  {
    id: 'newChat',
    group: 'conversations',
    chords: [{ key: 'o', command: true, shift: true }],
    inFields: true,
  },
  { id: 'search', group: 'conversations', chords: [{ key: 'k', command: true, shift: false }], inFields: true },
  // On a Mac these two move the caret, which an empty field has no use for.
  {
    id: 'previous',
    group: 'conversations',
    chords: [{ key: 'ArrowUp', alt: true, shift: false }],
    inFields: 'empty',
    repeats: true,
  },
  {
    id: 'next',
    group: 'conversations',
    chords: [{ key: 'ArrowDown', alt: true, shift: false }],
    inFields: 'empty',
    repeats: true,
  },
  { id: 'rename', group: 'conversations', chords: [{ key: 'F2', shift: false }], inFields: 'empty' },
  { id: 'composer', group: 'answers', chords: [{ key: 'f', command: true, shift: true }], inFields: true },
  { id: 'copyAnswer', group: 'answers', chords: [{ key: 'y', command: true, shift: true }], inFields: true },
  { id: 'stop', group: 'answers', chords: [{ key: 'Escape', shift: false }], inFields: true },
  { id: 'sidebar', group: 'page', chords: [{ key: '.', command: true }], inFields: true },
  // In a field it takes back what was written.
  { id: 'undo', group: 'page', chords: [{ key: 'z', command: true, shift: false }], inFields: false },
  { id: 'help', group: 'page', chords: [{ key: '/', command: true }, { key: '?' }], inFields: true },
];

const isChord = (event: KeyboardEvent, { key, command, shift, alt }: Chord): boolean =>
  event.key.toLowerCase() === key.toLowerCase() &&
  (isMac ? event.metaKey : event.ctrlKey) === (command ?? false) &&
  (isMac ? event.ctrlKey : event.metaKey) === false &&
  event.altKey === (alt ?? false) &&
  (shift === undefined || event.shiftKey === shift);

/** Which shortcut a key press is, if it is one where it was pressed. */
export function shortcutOf(event: KeyboardEvent): Shortcut | null {
  // An input method is composing, or something on the page has already had a use for it.
  if (belongsToComposing(event) || event.defaultPrevented) return null;
  const field = fieldOf(event.target);
  const shortcut = SHORTCUTS.find(({ chords, inFields }) =>
    chords.some((chord) => isChord(event, chord) && (!field || mayInField(field, inFields, chord))),
  );
  return shortcut && (!event.repeat || shortcut.repeats) ? shortcut : null;
}

function mayInField(field: HTMLElement, inFields: Shortcut['inFields'], { key, command }: Chord): boolean {
  // A sign is written there.
  if (key.length === 1 && !command) return false;
  if (inFields !== 'empty') return inFields;
  return 'value' in field && field.value === '';
}

const NO_TEXT = new Set(['button', 'checkbox', 'radio', 'range', 'submit', 'file', 'color']);

function fieldOf(target: EventTarget | null): HTMLElement | null {
  if (target instanceof HTMLInputElement) return NO_TEXT.has(target.type) ? null : target;
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return target;
  return target instanceof HTMLElement && target.isContentEditable ? target : null;
}

/** The keys of a chord as they are written on keyboards, in the order in which they are pressed. */
export function keysOf({ key, command, shift, alt }: Chord): string[] {
  const { keys } = texts.keyboard;
  return [
    ...(command ? [isMac ? '⌘' : keys.control] : []),
    ...(alt ? [isMac ? '⌥' : keys.alt] : []),
    ...(shift ? [isMac ? '⇧' : keys.shift] : []),
    NAMES[key] ?? (key === 'Escape' ? keys.escape : key.length === 1 ? key.toUpperCase() : key),
  ];
}

const NAMES: Readonly<Record<string, string>> = { ArrowUp: '↑', ArrowDown: '↓' };

/** The first chord of a shortcut in one piece: "Ctrl K". */
export function chordOf(id: ShortcutId): string {
  const [chord] = SHORTCUTS.find((shortcut) => shortcut.id === id)?.chords ?? [];
  return chord ? keysOf(chord).join(isMac ? '' : ' ') : '';
}
