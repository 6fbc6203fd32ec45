import { SaxesParser } from 'saxes';
import { MAX_DEPTH } from '../limits.ts';
import { DECLARES_ENTITIES, Refusal, TOO_DEEP } from '../refusal.ts';

export type Attributes = Record<string, string>;

export type XmlHandlers = {
  /** Names are as they are written, or without their prefix: see `readXml`. */
  open?(name: string, attributes: Attributes): void;
  close?(name: string): void;
  text?(text: string): void;
};

/** Characters that the parser is given at once, so that what it produces can be passed on in between. */
const SLICE = 16_384;

/**
 * Parses XML as it comes. Yields after every slice: what the handlers have made so far can be taken away. There are no
 * entities but XML's own five, and nothing outside the document is ever looked at.
 */
export async function* readXml(
  chunks: AsyncIterable<Buffer>,
  handlers: XmlHandlers,
  { prefixes = false }: { prefixes?: boolean } = {},
): AsyncGenerator<void> {
  const parser = new SaxesParser({ position: false });
  const nameOf = prefixes ? (name: string) => name : localName;
  let depth = 0;
  parser.on('doctype', (declaration) => {
    if (declaration.includes('<!ENTITY')) throw new Refusal(DECLARES_ENTITIES);
  });
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', (tag) => {
    depth += 1;
    if (depth > MAX_DEPTH) throw new Refusal(TOO_DEEP);
    handlers.open?.(nameOf(tag.name), tag.attributes as Attributes);
  });
  parser.on('closetag', (tag) => {
    depth -= 1;
    handlers.close?.(nameOf(tag.name));
  });
  if (handlers.text) {
    parser.on('text', handlers.text);
    parser.on('cdata', handlers.text);
  }
  let decoder: TextDecoder | undefined;
  for await (const chunk of chunks) {
    decoder ??= new TextDecoder(encodingOf(chunk));
    const text = decoder.decode(chunk, { stream: true });
    for (let from = 0; from < text.length; from += SLICE) {
      parser.write(text.slice(from, from + SLICE));
      yield;
    }
  }
  parser.write(decoder?.decode() ?? '');
  parser.close();
  yield;
}

/** For small documents, of which only what the handlers keep is needed. */
export async function parseXml(...given: Parameters<typeof readXml>): Promise<void> {
  for await (const _ of readXml(...given)) {
  }
}

/** The value of an attribute, whatever its prefix. */
export function attribute(attributes: Attributes, name: string): string | undefined {
  const plain = attributes[name];
  if (plain !== undefined) return plain;
  for (const key of Object.keys(attributes)) if (localName(key) === name) return attributes[key];
  return undefined;
}

export function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function encodingOf(begin: Buffer): string {
  if (begin[0] === 0xff && begin[1] === 0xfe) return 'utf-16le';
  if (begin[0] === 0xfe && begin[1] === 0xff) return 'utf-16be';
  const declared = /^(?:\xef\xbb\xbf)?<\?xml[^>]{0,200}?encoding=["']([\w.-]{1,40})["']/.exec(
    begin.toString('latin1', 0, 300),
  );
  // An encoding that nobody knows throws: the file counts as damaged.
  return declared?.[1] ?? 'utf-8';
}
