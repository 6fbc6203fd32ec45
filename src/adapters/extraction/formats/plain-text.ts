import { decodeFile } from '../text/decode.ts';
import { isCode } from '../text/is-code.ts';
import { createLineBlock } from '../text/line-blocks.ts';
import { linesOf } from '../text/lines.ts';
import type { Format } from './format.ts';

/** Text and source code, a block for what stands between two empty lines. */
export const readPlainText: Format = async function* (source, sections) {
  const block = createLineBlock(sections);
  let isFirst = true;
  for await (const { lines, fraction } of linesOf(decodeFile(source.path, source.size))) {
    if (isFirst) block.begin({ type: isCode(lines.slice(0, 2_000).map(({ text }) => text)) ? 'code' : 'paragraph' });
    isFirst = false;
    for (const line of lines) {
      // A form feed ends a page of old printouts.
      if (line.ends && line.text.trim() === '') block.end();
      else block.add(line);
    }
    yield fraction;
  }
  block.end();
};
