import { BLOCK_LENGTH } from '../limits.ts';
import type { Line } from './lines.ts';
import type { NewBlock, Sections } from './sections.ts';

/** Collects lines into a block, which is cut where it grows too long: between lines, or in a line that has no end. */
export function createLineBlock(sections: Sections) {
  let parts: string[] = [];
  let length = 0;
  let block: Omit<NewBlock, 'text' | 'after'> = { type: 'paragraph' };

  function flush(after: NewBlock['after']): void {
    if (parts.length > 0) sections.add({ ...block, text: parts.join(''), after });
    parts = [];
    length = 0;
  }

  return {
    get isEmpty() {
      return parts.length === 0;
    },
    get type() {
      return block.type;
    },
    begin(next: Omit<NewBlock, 'text' | 'after'>) {
      block = next;
    },
    add({ text, ends }: Line) {
      parts.push(ends ? `${text}\n` : text);
      length += text.length + 1;
      if (!ends) flush('');
      else if (length > BLOCK_LENGTH) flush('\n');
    },
    end(after?: NewBlock['after']) {
      flush(after);
    },
  };
}
