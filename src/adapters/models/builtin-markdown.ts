/** Marks of Markdown, of its extensions for tables, mathematics and notes, and of HTML. */
const MARKS = /[\\`*_[\]<>#|~&$^]/g;

/** Somebody's text on one line, as Markdown that shows it letter for letter: no marks, no HTML, nothing to click on. */
export function plainText(text: string): string {
  return text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .replace(MARKS, '\\$&')
    .replace(/:(?=\/\/)/g, '\\:')
    .replace(/\b(www|mailto|xmpp)([.:])/gi, '$1\\$2')
    .replace(/@/g, '\\@')
    .replace(/^(\d{1,9})([.)])/, '$1\\$2')
    .replace(/^[-+=]/, '\\$&');
}
