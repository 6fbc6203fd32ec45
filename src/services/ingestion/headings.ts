import { shorten } from '../../util/text.ts';

const MAX_TITLE = 120;
const MAX_PATH = 400;

/** The titles above a place, outermost first. */
export type HeadingPath = readonly string[];

/** Follows the headings of a text. */
export function createHeadings() {
  let open: { level: number; title: string }[] = [];
  let path: HeadingPath = [];
  return {
    path: () => path,
    /** A heading of the same or a lower level ends those before it. */
    enter(level: number, text: string): HeadingPath {
      const title = titleOf(text);
      open = open.filter((heading) => heading.level < level);
      if (title !== '') open.push({ level, title });
      path = open.map((heading) => heading.title);
      return path;
    },
  };
}

/** Without the marks that Markdown makes a heading with. */
function titleOf(text: string): string {
  const line = text
    .slice(0, MAX_TITLE * 4)
    .replace(/^\s*#{1,6}\s+|\s+#+\s*$/g, '')
    .replace(/\n\s*(?:=+|-+)\s*$/, '');
  return shorten(line.replace(/\s+/g, ' ').trim(), MAX_TITLE);
}

export function commonPath(one: HeadingPath, other: HeadingPath): HeadingPath {
  if (one === other) return one;
  let length = 0;
  while (length < one.length && length < other.length && one[length] === other[length]) length += 1;
  return one.slice(0, length);
}

/** As one line. Null: there are none. */
export function formatPath(path: HeadingPath): string | null {
  return path.length === 0 ? null : shorten(path.join(' › '), MAX_PATH);
}
