import { shorten } from '../../util/text.ts';

export const UNTITLED = 'New conversation';

const LONGEST_TITLE = 60;

/** A title for a conversation that begins with this prompt: its first line, without Markdown's marks. */
export function titleFrom(prompt: string): string {
  const line = prompt
    .split(/\r?\n/)
    .map((candidate) =>
      candidate
        .replace(/^[\s#>*`-]+/, '')
        .replace(/\s+/g, ' ')
        .trim(),
    )
    .find((candidate) => candidate !== '');
  return line ? shorten(line, LONGEST_TITLE) : UNTITLED;
}
