import { MAX_CHARACTERS } from '../limits.ts';
import { createBlockWriter } from '../text/block-writer.ts';
import { oneLine } from '../text/clean.ts';
import type { DecodedChunk } from '../text/decode.ts';
import { decodeHtml } from '../text/decode-html.ts';
import { createSections, type Sections } from '../text/sections.ts';
import type { Format } from './format.ts';
import { type Article, findArticle, walk } from './html-article.ts';
import { createHtmlBlocks } from './html-blocks.ts';
import { streamHtml } from './html-stream.ts';

/** A longer page is not made into a tree, which takes forty times its size. */
const MAX_TREE_BYTES = 2_000_000;
const MAX_TREE_DEPTH = 250;
/** An article is what a page is about when it holds so much of its text; else it is only a part. */
const ARTICLE_SHARE = 0.5;

/** Web pages: the article of a page where it has one, else all that is to be read in it. */
export const readHtml: Format = async function* (source, sections) {
  if (source.size > MAX_TREE_BYTES) {
    yield* readWhole(decodeHtml(source.path, source.size), sections);
    return;
  }
  const chunks: DecodedChunk[] = [];
  for await (const chunk of decodeHtml(source.path, source.size)) chunks.push(chunk);
  const measured = await measure(chunks);
  const html = chunks.map(({ text }) => text).join('');
  const article = measured.depth < MAX_TREE_DEPTH ? tryArticle(html) : null;
  if (article && article.length >= measured.length * ARTICLE_SHARE) {
    const writer = createBlockWriter(sections);
    // Readability takes the first heading out where it says the same as the title.
    addTitle(sections, article.title);
    walk(article.content, createHtmlBlocks(writer));
    writer.finish();
    yield 1;
    return;
  }
  addTitle(sections, measured.title, measured.firstHeading);
  yield* readWhole(chunks, sections);
};

export async function* readWhole(
  chunks: AsyncIterable<DecodedChunk> | Iterable<DecodedChunk>,
  sections: Sections,
): AsyncGenerator<number> {
  const writer = createBlockWriter(sections);
  yield* streamHtml(iterate(chunks), createHtmlBlocks(writer));
  writer.finish();
}

function tryArticle(html: string): Article | null {
  try {
    return findArticle(html);
  } catch {
    // Readability stumbles over some pages; all of them can be read without it.
    return null;
  }
}

/** What the page would give as a whole. */
async function measure(chunks: DecodedChunk[]) {
  const sections = createSections(MAX_CHARACTERS);
  const writer = createBlockWriter(sections);
  const events = createHtmlBlocks(writer);
  for await (const _ of streamHtml(iterate(chunks), events)) {
  }
  writer.finish();
  sections.end();
  const made = sections.take();
  const length = made.reduce((sum, { text }) => sum + text.length, 0);
  const first = made[0]?.blocks.find(({ type }) => type === 'heading');
  return {
    length,
    depth: events.depth,
    title: events.title,
    firstHeading: first ? (made[0]?.text.slice(first.start, first.end) ?? '') : '',
  };
}

/** The title of a page, where its first heading does not say it. */
function addTitle(sections: Sections, title: string, heading = ''): void {
  const text = oneLine(title);
  if (text !== '' && text !== oneLine(heading)) sections.add({ type: 'heading', level: 1, text });
}

async function* iterate<Item>(items: AsyncIterable<Item> | Iterable<Item>): AsyncGenerator<Item> {
  yield* items;
}
