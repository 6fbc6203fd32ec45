import { BLOCK_LENGTH } from '../limits.ts';
import type { Sections } from '../text/sections.ts';
import type { JsonHandlers } from './json-tokens.ts';
import { addRecord, type Field } from './records.ts';

const MAX_INDENT = 10;
/** A record with more, or with something inside, is written as an outline. */
const MAX_FIELDS = 200;

/**
 * JSON as an outline that people read and words are found in: "key: value", indented, without quotes and escapes. Flat
 * objects in a list are records, as in a CSV file.
 */
export function createJsonText(sections: Sections, isInList = false): JsonHandlers & { end(): void } {
  const stack: ('object' | 'array')[] = isInList ? ['array'] : [];
  let lines: string[] = [];
  let length = 0;
  let longest = 0;
  /** Depth of the block's first line. */
  let origin = 0;
  let label: string | null = null;
  let dashes = 0;
  let record: Field[] | null = null;
  let inPieces = false;

  function flush(after?: '' | '\n'): void {
    if (lines.length > 0) sections.add({ type: longest > 240 ? 'paragraph' : 'code', text: lines.join('\n'), after });
    lines = [];
    length = 0;
    longest = 0;
  }

  function write(text: string): void {
    const depth = depthOf(stack) - (dashes > 0 && stack.at(-1) === 'object' ? 1 : 0);
    if (lines.length === 0) origin = depth;
    lines.push(`${'  '.repeat(Math.min(Math.max(depth - origin, 0), MAX_INDENT))}${dashes > 0 ? '- ' : ''}${text}`);
    dashes = 0;
    length += text.length + 2 * MAX_INDENT;
    longest = Math.max(longest, text.length);
    if (length > BLOCK_LENGTH) flush('\n');
  }

  /** Whether what begins or has ended here is a block of its own: a property of everything, or an item of its lists. */
  function isOutermost(): boolean {
    return stack.length <= 1 || (stack.length === 2 && stack[1] === 'array');
  }

  /** The record turns out to be more than flat: what it has so far becomes lines. */
  function unfold(): void {
    const fields = record;
    record = null;
    if (!fields) return;
    for (const { name, value } of fields) write(`${name}: ${value}`);
  }

  return {
    open(kind) {
      unfold();
      const isItem = stack.at(-1) === 'array';
      if (isOutermost()) flush();
      if (label !== null) write(`${label}:`);
      else if (isItem && stack.length > 2) dashes = 1;
      label = null;
      stack.push(kind);
      if (kind === 'object' && (isItem ? stack.length <= 3 : stack.length === 1)) record = [];
    },
    close() {
      if (record) {
        addRecord(sections, record);
        record = null;
      }
      stack.pop();
      dashes = 0;
      if (isOutermost()) flush();
    },
    key(name) {
      label = name;
    },
    value(text, more) {
      if (more) {
        unfold();
        if (label !== null) write(`${label}:`);
        label = null;
        flush('\n');
        sections.add({ type: 'paragraph', text, after: '' });
        inPieces = true;
        return;
      }
      if (inPieces) {
        sections.add({ type: 'paragraph', text: text === '' ? ' ' : text });
        inPieces = false;
        label = null;
        return;
      }
      if (record && label !== null && record.length < MAX_FIELDS) {
        record.push({ name: label, value: text.trim() });
        length += text.length;
      } else {
        unfold();
        if (label === null && stack.at(-1) === 'array') dashes = 1;
        write(label === null ? text : `${label}: ${text}`);
      }
      label = null;
    },
    end: () => flush(),
  };
}

/** Objects indent what is in them; lists only where they are in lists: their dashes stand below their name. */
function depthOf(stack: ('object' | 'array')[]): number {
  return stack.reduce((depth, kind, at) => (kind === 'object' || stack[at - 1] === 'array' ? depth + 1 : depth), -1);
}
