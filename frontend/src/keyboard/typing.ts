/** What browsers that do not say `isComposing` at the end of a composition say. */
const COMPOSING = 229;

/** Whether a key belongs to an input method that composes a character. Safari ends that before the key which ends it. */
export const belongsToComposing = ({ isComposing, keyCode }: KeyboardEvent): boolean =>
  isComposing || keyCode === COMPOSING;

/** Fingers are what this device is used with: its keyboard has no Shift + Enter. */
export const isTouched = (): boolean => matchMedia('(pointer: coarse)').matches;

/** Whether a key press sends what is being written. By touch Enter begins a new line, as people know it there. */
export function isSending(event: KeyboardEvent): boolean {
  const { key, shiftKey, ctrlKey, metaKey } = event;
  if (key !== 'Enter' || shiftKey || belongsToComposing(event)) return false;
  return ctrlKey || metaKey || !isTouched();
}
