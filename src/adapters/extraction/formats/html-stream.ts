import { Parser } from 'htmlparser2';
import type { DecodedChunk } from '../text/decode.ts';
import type { HtmlEvents } from './html-blocks.ts';

const SLICE = 16_384;

/** Parses HTML or XHTML as it comes, however long it is. Yields after every slice. */
export async function* streamHtml(chunks: AsyncIterable<DecodedChunk>, events: HtmlEvents): AsyncGenerator<number> {
  const parser = new Parser(
    { onopentag: events.open, ontext: events.text, onclosetag: events.close },
    { decodeEntities: true, lowerCaseTags: true, lowerCaseAttributeNames: true, recognizeSelfClosing: true },
  );
  for await (const { text, fraction } of chunks) {
    for (let from = 0; from < text.length; from += SLICE) {
      parser.write(text.slice(from, from + SLICE));
      yield fraction;
    }
  }
  parser.end();
  yield 1;
}
