const GAP = 4;

/** Below the button or, where there is no room, above it; within the window in any case. */
export function place(popover: HTMLElement, button: DOMRect): void {
  const { offsetWidth: width, offsetHeight: height } = popover;
  const below = button.bottom + GAP + height <= window.innerHeight;
  const top = below ? button.bottom + GAP : button.top - GAP - height;
  const left = Math.min(button.left, window.innerWidth - width - GAP);
  popover.style.top = `${Math.max(GAP, top)}px`;
  popover.style.left = `${Math.max(GAP, left)}px`;
}
