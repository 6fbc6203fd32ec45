/** What shortcuts bring the focus to, by its id in the document. */
export const PLACES = { composer: 'composer', search: 'search' } as const;

/** Whether it is there and has got the focus. */
export function focusPlace(id: string, select = false): boolean {
  const element = document.getElementById(id);
  element?.focus();
  if (select && element instanceof HTMLInputElement) element.select();
  return element !== null && document.activeElement === element;
}

/** In what is just being opened it cannot be focused yet. */
export function focusPlaceSoon(id: string, select = false): void {
  if (!focusPlace(id, select)) requestAnimationFrame(() => focusPlace(id, select));
}
