import { cut } from '../../util/text.ts';

const MAX_LENGTH = 255;
/** Longer ones are no endings that tell anything. */
const MAX_EXTENSION = 20;
const UNNAMED = 'unnamed';

/** What separates parts of a path anywhere; of a name only the last part is kept. */
const PATH_PART = /^.*[/\\]/s;
/**
 * Control characters, line and paragraph separators, the marks that turn the direction of what follows ("fdp.exe" would
 * be shown as "exe.pdf"), invisible ones. Joiners stay: languages and emoji are written with them.
 */
const HIDDEN =
  /[\p{Cc}\p{Zl}\p{Zp}\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;

/** A name as it may be shown and stored. It never becomes a path. Never empty. */
export function safeFileName(given: string | null | undefined): string {
  const name = (given ?? '')
    .toWellFormed()
    .normalize('NFC')
    .replace(HIDDEN, '')
    .replace(PATH_PART, '')
    .replace(/\s+/g, ' ')
    .trim();
  if (/^\.*$/.test(name)) return UNNAMED;
  return shortened(name);
}

/** Keeps the ending, which says what it is. */
function shortened(name: string): string {
  if (name.length <= MAX_LENGTH) return name;
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 && name.length - dot <= MAX_EXTENSION ? name.slice(dot) : '';
  return cut(name, MAX_LENGTH - extension.length).trimEnd() + extension;
}
