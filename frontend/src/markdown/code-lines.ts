/** What puts a block into another one: quotes, items of lists, indentation. */
const CONTAINERS = /^[ \t]*(?:(?:>|[-+*]|\d{1,9}[.)])[ \t]*)*/;
const BLANK = /^[ \t]*$/;
const OPENING = /^(?:(`{3,})[^`]*|(~{3,}).*)$/s;
const CLOSING = /^([ \t]*)(`{3,}|~{3,})[ \t]*$/;
/** HTML that goes on after a blank line. What looks like a fence in it is none. */
const RAW_HTML = /^<(?:script|pre|style|textarea|[!?])/i;
/** Further in it may be a part of something else. */
const MOST_INDENT = 3;

/**
 * Tells, line by line, what is surely code between fences. Whoever wants to can write what looks like a fence and is
 * none: from the first one on of which that cannot be told, nothing is said to be code any more.
 */
export function createCodeLines() {
  /** The fence that was opened, and how far in it is. */
  let open: { fence: string; indent: number } | null = null;
  let isHtml = false;
  let isUnsure = false;

  function begin(line: string): void {
    const [prefix = ''] = CONTAINERS.exec(line) ?? [];
    const text = line.slice(prefix.length);
    if (BLANK.test(line)) isHtml = false;
    else if (text.startsWith('<')) isHtml = true;
    const [, ticks, tildes] = OPENING.exec(text) ?? [];
    const fence = ticks ?? tildes;
    const isPlain = /^ *$/.test(prefix) && !isHtml;
    isUnsure = RAW_HTML.test(text) || (fence !== undefined && !isPlain);
    if (fence !== undefined && isPlain) open = { fence, indent: prefix.length };
  }

  function goOn(line: string, { fence, indent }: { fence: string; indent: number }): void {
    if (BLANK.test(line)) return;
    const [, space = '', marks = ''] = CLOSING.exec(line) ?? [];
    const isClosing = marks.startsWith(fence);
    if (indent > 0) {
      // What is less far in may have ended an item of a list, and the code with it.
      const isWithin = line.startsWith(' '.repeat(indent)) && !/^ *\t/.test(line);
      const isTold = !isClosing || space.length === indent || space.length <= MOST_INDENT;
      isUnsure = !isWithin || !isTold;
    }
    if (isClosing && !space.includes('\t') && space.length <= Math.max(indent, MOST_INDENT)) open = null;
  }

  return (line: string): boolean => {
    if (isUnsure) return false;
    if (open === null) {
      begin(line);
      return false;
    }
    const { indent } = open;
    goOn(line, open);
    return !isUnsure && indent <= MOST_INDENT;
  };
}
