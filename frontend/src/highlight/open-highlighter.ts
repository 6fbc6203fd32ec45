import { createHighlighter, type Highlighter } from './highlighter.ts';
import { loadLanguage } from './languages.ts';

/** Null: nobody knows that language, so its code stays plain. */
export async function openHighlighter(language: string, onPart: (index: number) => void): Promise<Highlighter | null> {
  const parser = await loadLanguage(language);
  return parser && createHighlighter(parser, onPart);
}
