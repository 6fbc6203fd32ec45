const MARKER = /^( *)([-+*]|(\d{1,9})([.)]))( +)\S/;
/** No other spaces: a line of those goes on with a paragraph. */
const BLANK = /^[ \t]*$/;
const ROW = /^ {0,3}\|.*\|[ \t]*$/;
const DELIMITER = /^ {0,3}\|(?:[ \t]*:?-+:?[ \t]*\|)+[ \t]*$/;
/** Where it is so much further in, code begins. */
const CODE = 4;

/**
 * Tells, line by line, where a text begins that has nothing to do with the line before: after a blank line, an item of a
 * list, a row of a table. Whoever wants to can write what looks like one and goes on with a paragraph: only what is sure
 * is told.
 */
export function createTextStarts() {
  /** Of the items that are open, each within the one before: where their text begins. */
  const lists: { content: number; delimiter: string }[] = [];
  let before = '';
  let isSecond = false;
  let isTable = false;

  function isItem([, space = '', sign = '', number, delimiter = '', gap = '']: RegExpExecArray): boolean {
    const indent = space.length;
    let sibling: { content: number; delimiter: string } | undefined;
    while ((lists.at(-1)?.content ?? 0) > indent) sibling = lists.pop();
    const isNear = indent < (lists.at(-1)?.content ?? 0) + CODE;
    // Within a paragraph another number than one is a part of it.
    const mayInterrupt = number === undefined || number === '1' || sibling?.delimiter === delimiter;
    const isOne = isNear && (before === '' || mayInterrupt);
    if (isOne) lists.push({ content: indent + sign.length + (gap.length > CODE ? 1 : gap.length), delimiter });
    else lists.length = 0;
    return isOne;
  }

  function isRow(line: string): boolean {
    if (!ROW.test(line)) return false;
    const isHead = isSecond && ROW.test(before) && !before.includes('\\');
    isTable ||= isHead && DELIMITER.test(line) && line.split('|').length === before.split('|').length;
    return isTable;
  }

  return (line: string): boolean => {
    const isBlank = BLANK.test(line);
    const marker = isBlank ? null : MARKER.exec(line);
    const startsItem = marker !== null && isItem(marker);
    isTable = isRow(line);
    const starts = before === '' || startsItem || isTable;
    if (!marker && !isBlank) lists.length = 0;
    isSecond = before === '' && !isBlank;
    before = isBlank ? '' : line;
    return starts;
  };
}
