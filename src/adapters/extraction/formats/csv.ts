import { type DecodedChunk, decodeFile } from '../text/decode.ts';
import { createRowParser, findDelimiter, type RowParser } from './delimited.ts';
import type { Format } from './format.ts';
import { createRecords } from './records.ts';

/** So much of a file shows how it is delimited. */
const SAMPLE_LENGTH = 65_536;

/** Delimited text, a block for each record. */
export const readCsv: Format = async function* (source, sections) {
  const records = createRecords(sections, { mayHaveTitle: false });
  let parser: RowParser | undefined;
  for await (const { text, fraction } of withoutMark(decodeFile(source.path, source.size))) {
    const sample = text.slice(0, SAMPLE_LENGTH);
    parser ??= createRowParser(
      findDelimiter(sample, sample.length === text.length && fraction === 1)?.delimiter ?? likely(sample),
    );
    for (const row of parser.push(text)) records.add(row);
    yield fraction;
  }
  for (const row of parser?.end() ?? []) records.add(row);
  records.end();
};

/** Excel's own hint for the delimiter, or what is most often in the first line. */
function likely(sample: string): string {
  const hint = /^sep=(.)/.exec(sample)?.[1];
  if (hint) return hint;
  const first = sample.slice(0, 2_000).split(/[\r\n]/, 1)[0] ?? '';
  const count = (delimiter: string) => first.split(delimiter).length;
  return [',', ';', '\t', '|'].reduce((best, one) => (count(one) > count(best) ? one : best));
}

async function* withoutMark(chunks: AsyncIterable<DecodedChunk>): AsyncGenerator<DecodedChunk> {
  let isFirst = true;
  for await (const chunk of chunks) {
    if (isFirst && /^sep=.\r?\n/.test(chunk.text))
      yield { ...chunk, text: chunk.text.slice(chunk.text.indexOf('\n') + 1) };
    else yield chunk;
    isFirst = false;
  }
}
