/**
 * Text of a model or of another person, without the characters that command a terminal: it could otherwise move the
 * cursor, hide what follows or set the title. Line ends and tabs stay.
 */
export function plainText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
}
