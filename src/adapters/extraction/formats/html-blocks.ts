import type { Attributes } from '../containers/xml.ts';
import { MAX_HTML_DEPTH } from '../limits.ts';
import { Refusal, TOO_DEEP } from '../refusal.ts';
import type { BlockWriter } from '../text/block-writer.ts';

export type HtmlEvents = {
  open(name: string, attributes: Attributes): void;
  text(text: string): void;
  close(name: string): void;
};

const SKIPPED = new Set(
  'script style noscript template iframe object embed svg canvas audio video map nav button select textarea input dialog datalist base link meta rt rp'.split(
    ' ',
  ),
);
const BLOCKS = new Set(
  'address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer form head header hgroup hr html legend main menu optgroup p section summary'.split(
    ' ',
  ),
);
const HEADING = /^h([1-6])$/;
const HIDDEN_STYLE = /(?:display\s{0,9}:\s{0,9}none|visibility\s{0,9}:\s{0,9}hidden)/i;
const MAX_INDENT = 8;

/** Turns the elements of a page into blocks. What nobody sees and nobody reads (menus, scripts, forms) is left out. */
export function createHtmlBlocks(writer: BlockWriter): HtmlEvents & { readonly depth: number; readonly title: string } {
  const lists: { isOrdered: boolean; number: number }[] = [];
  let depth = 0;
  let deepest = 0;
  let skippedFrom = 0;
  let preformatted = 0;
  let heading = 0;
  let endsWithSpace = true;
  let title = '';
  let inTitle = false;
  let superscripts = 0;

  const startBlock = (block: Parameters<BlockWriter['open']>[0]) => {
    writer.open(block);
    endsWithSpace = true;
  };

  function openItem(): void {
    const list = lists.at(-1);
    if (list) list.number += 1;
    const mark = list?.isOrdered ? `${list.number}. ` : '- ';
    const indent = '  '.repeat(Math.min(Math.max(lists.length - 1, 0), MAX_INDENT));
    startBlock({ type: 'list-item', mark, indent, after: '\n' });
  }

  function openElement(name: string, attributes: Attributes): void {
    const level = HEADING.exec(name)?.[1];
    if (level) {
      // Tables with headings in them are there for the layout.
      writer.dissolveTable();
      startBlock({ type: 'heading', level: Number(level) });
      heading += 1;
    } else if (name === 'li') openItem();
    else if (name === 'ul' || name === 'ol') {
      const start = Number(attributes.start ?? 1);
      lists.push({ isOrdered: name === 'ol', number: Number.isSafeInteger(start) ? start - 1 : 0 });
      endBlock();
    } else if (name === 'pre') {
      preformatted += 1;
      startBlock({ type: 'code' });
    } else if (name === 'table') writer.openTable();
    else if (name === 'tr') writer.row();
    else if (name === 'td' || name === 'th') {
      writer.cell();
      endsWithSpace = true;
    } else if (name === 'sup') superscripts += 1;
    else if (name === 'br') addText('\n', true);
    else if (name === 'title') inTitle = true;
    else if (BLOCKS.has(name) && !(writer.type === 'list-item' && writer.isFresh) && heading === 0) endBlock();
  }

  function endBlock(): void {
    writer.close();
    endsWithSpace = true;
  }

  function addText(text: string, asIs: boolean): void {
    if (asIs) writer.text(text);
    else {
      const collapsed = text.replace(/[ \t\r\n\f]+/g, ' ');
      const value = endsWithSpace && collapsed.startsWith(' ') ? collapsed.slice(1) : collapsed;
      if (value === '') return;
      writer.text(value);
    }
    endsWithSpace = /[\s]$/.test(text);
  }

  return {
    get depth() {
      return deepest;
    },
    get title() {
      return title;
    },
    open(name, attributes) {
      depth += 1;
      deepest = Math.max(deepest, depth);
      if (depth > MAX_HTML_DEPTH) throw new Refusal(TOO_DEEP);
      if (skippedFrom > 0) return;
      if (SKIPPED.has(name) || isHidden(attributes) || isNoteMark(name, attributes, superscripts)) skippedFrom = depth;
      else openElement(name, attributes);
    },
    text(text) {
      if (skippedFrom > 0) return;
      if (inTitle) title = (title + text).slice(0, 500);
      else addText(text, preformatted > 0);
    },
    close(name) {
      const wasSkipped = skippedFrom > 0;
      if (skippedFrom === depth) skippedFrom = 0;
      depth -= 1;
      if (wasSkipped) return;
      if (HEADING.test(name)) heading = Math.max(0, heading - 1);
      if (name === 'title') inTitle = false;
      else if (name === 'sup') superscripts = Math.max(0, superscripts - 1);
      else if (name === 'ul' || name === 'ol') lists.pop();
      else if (name === 'pre') preformatted = Math.max(0, preformatted - 1);
      else if (name === 'table') writer.closeTable();
      if (name === 'li' || name === 'pre' || name === 'ul' || name === 'ol' || HEADING.test(name)) endBlock();
      else if (BLOCKS.has(name) && heading === 0 && writer.type !== 'list-item') endBlock();
      if (name === 'caption') writer.row();
    },
  };
}

function isHidden(attributes: Attributes): boolean {
  return (
    'hidden' in attributes || (attributes.style !== undefined && HIDDEN_STYLE.test(attributes.style.slice(0, 2_000)))
  );
}

/** The number of a note, and the way back from it: glued to a word they only spoil it. */
function isNoteMark(name: string, attributes: Attributes, superscripts: number): boolean {
  if (name !== 'a') return false;
  const role = `${attributes['epub:type'] ?? ''} ${attributes.role ?? ''} ${attributes.class ?? ''}`.slice(0, 500);
  if (
    /\b(?:noteref|doc-noteref|doc-backlink|backlink|footnote-(?:ref|back)|sdfootnote(?:anc|sym)|sdendnote(?:anc|sym))\b/.test(
      role,
    )
  )
    return true;
  return superscripts > 0 && (attributes.href ?? '').includes('#');
}
