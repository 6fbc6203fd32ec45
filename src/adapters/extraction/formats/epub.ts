import { posix } from 'node:path';
import { type Archive, openArchive } from '../containers/archive.ts';
import { parseXml } from '../containers/xml.ts';
import { DAMAGED, HAS_PASSWORD, Refusal } from '../refusal.ts';
import type { DecodedChunk } from '../text/decode.ts';
import type { Format } from './format.ts';
import { readWhole } from './html.ts';

/**
 * Books in the order in which they are read. A page of a screen has no number; what a citation can name, and a reader
 * finds, is the chapter: a page is the place of a document in that order.
 */
export const readEpub: Format = async function* (source, sections) {
  const archive = await openArchive(source.path);
  try {
    if (await isProtected(archive)) throw new Refusal(HAS_PASSWORD);
    const chapters = await readSpine(archive);
    if (chapters.length === 0) throw new Refusal(DAMAGED);
    for (const [index, chapter] of chapters.entries()) {
      sections.turnTo(index + 1);
      if (!archive.has(chapter)) continue;
      for await (const _ of readWhole(decode(archive.read(chapter)), sections)) yield index / chapters.length;
    }
  } finally {
    archive.close();
  }
};

async function readSpine(archive: Archive): Promise<string[]> {
  let packagePath = '';
  await parseXml(archive.read('META-INF/container.xml'), {
    open(name, attributes) {
      if (name === 'rootfile' && packagePath === '') packagePath = attributes['full-path'] ?? '';
    },
  });
  const items = new Map<string, string>();
  const order: string[] = [];
  await parseXml(archive.read(packagePath), {
    open(name, attributes) {
      if (name === 'item' && /html|xml/.test(attributes['media-type'] ?? ''))
        items.set(attributes.id ?? '', attributes.href ?? '');
      else if (name === 'itemref') order.push(attributes.idref ?? '');
    },
  });
  const folder = posix.dirname(packagePath);
  return order.flatMap((id) => {
    const href = items.get(id);
    return href === undefined ? [] : [posix.join(folder, decoded(href.split('#', 1)[0] ?? ''))];
  });
}

/** Fonts may be encrypted without anyone noticing; text may not. */
async function isProtected(archive: Archive): Promise<boolean> {
  let found = false;
  if (!archive.has('META-INF/encryption.xml')) return false;
  await parseXml(archive.read('META-INF/encryption.xml'), {
    open(name, attributes) {
      if (name === 'CipherReference' && /\.x?html?$/i.test(attributes.URI ?? '')) found = true;
    },
  });
  return found;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

async function* decode(chunks: AsyncIterable<Buffer>): AsyncGenerator<DecodedChunk> {
  let decoder: TextDecoder | undefined;
  for await (const chunk of chunks) {
    const isWide = (chunk[0] === 0xff && chunk[1] === 0xfe) || (chunk[0] === 0xfe && chunk[1] === 0xff);
    decoder ??= new TextDecoder(isWide ? (chunk[0] === 0xff ? 'utf-16le' : 'utf-16be') : 'utf-8');
    yield { text: decoder.decode(chunk, { stream: true }), fraction: 0 };
  }
  yield { text: decoder?.decode() ?? '', fraction: 1 };
}
