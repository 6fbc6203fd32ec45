/**
 * Text that the database can hold: PostgreSQL knows no NUL, and UTF-8 no lone surrogate. Both become U+FFFD, one for
 * one, so that positions stay what they were.
 */
export function storable(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed();
  return wellFormed.includes('\0') ? wellFormed.replaceAll('\0', '\ufffd') : wellFormed;
}

/** At most `length` UTF-16 units from the beginning. Never splits a character. */
export function cut(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length).replace(/[\ud800-\udbff]$/, '');
}

/** At most `length` UTF-16 units, cut at a space where there is one near, with an ellipsis. Never splits a character. */
export function shorten(text: string, length: number): string {
  if (text.length <= length) return text;
  const begin = cut(text, length - 1);
  const space = begin.lastIndexOf(' ');
  return `${(space > length / 2 ? begin.slice(0, space) : begin).trimEnd()}…`;
}
