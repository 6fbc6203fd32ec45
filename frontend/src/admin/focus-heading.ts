/** After what had the focus is gone from the list: it would be at the top of the page again. */
export function focusHeading(): void {
  document.querySelector<HTMLElement>('main h2')?.focus();
}
