import { extname } from 'node:path';
import { findDelimiter } from '../formats/delimited.ts';
import { createJsonTokens, JsonFault } from '../formats/json-tokens.ts';
import { isCode } from '../text/is-code.ts';

export type TextKind = { kind: 'html' | 'markdown' | 'text' | 'csv' | 'json'; mimeType: string };

const HTML: TextKind = { kind: 'html', mimeType: 'text/html' };
const MARKDOWN: TextKind = { kind: 'markdown', mimeType: 'text/markdown' };
const TEXT: TextKind = { kind: 'text', mimeType: 'text/plain' };
const CSV: TextKind = { kind: 'csv', mimeType: 'text/csv' };
const TSV: TextKind = { kind: 'csv', mimeType: 'text/tab-separated-values' };
const JSON_TEXT: TextKind = { kind: 'json', mimeType: 'application/json' };
const JSON_LINES: TextKind = { kind: 'json', mimeType: 'application/x-ndjson' };

const MARKDOWN_NAMES = new Set(['.md', '.markdown', '.mdown', '.mkd', '.mdx', '.rmd', '.qmd']);
const TABLE_NAMES = new Set(['.csv', '.tsv', '.tab', '.psv']);
const HTML_NAMES = new Set(['.html', '.htm', '.xhtml', '.xht', '.shtml']);
/** Names under which anything may be; under other ones (.py, .ts, .log) text is what the name says. */
const OPEN_NAMES = new Set([
  '',
  '.txt',
  '.text',
  '.dat',
  '.data',
  '.json',
  '.jsonl',
  '.ndjson',
  '.geojson',
  '.webmanifest',
]);

/** What kind of text it is: by the text where it shows, else by the name. */
export function kindOfText(text: string, isWhole: boolean, name: string): TextKind {
  const extension = extname(name.trim()).toLowerCase();
  const json = kindOfJson(text, isWhole);
  if (json) return json;
  if (MARKDOWN_NAMES.has(extension)) return MARKDOWN;
  const isOpen = OPEN_NAMES.has(extension);
  if (isHtml(text, HTML_NAMES.has(extension))) return HTML;
  if (isOpen || TABLE_NAMES.has(extension)) {
    const table = kindOfTable(text, isWhole, extension);
    if (table) return table;
  }
  return TEXT;
}

/** A beginning of JSON counts: only a part of the file is looked at. */
function kindOfJson(text: string, isWhole: boolean): TextKind | null {
  if (!/^\ufeff?\s{0,1000}[[{]/.test(text)) return null;
  let depth = 0;
  let values = 0;
  let tokens = 0;
  const count = () => {
    tokens += 1;
  };
  const reader = createJsonTokens({
    open() {
      depth += 1;
      tokens += 1;
    },
    close() {
      depth -= 1;
      if (depth === 0) values += 1;
    },
    key: count,
    value: count,
  });
  try {
    reader.push(text);
    if (isWhole) reader.end();
  } catch (error) {
    if (!(error instanceof JsonFault)) return JSON_TEXT;
    // A log may have a line that is cut off; a text that begins with a bracket has no lines of JSON.
    return values >= 3 && isMostlyJson(text) ? JSON_LINES : null;
  }
  if (tokens < 2 && !isWhole) return null;
  return values > 1 || (values === 1 && depth > 0) ? JSON_LINES : JSON_TEXT;
}

function isMostlyJson(text: string): boolean {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const others = lines.filter((line) => !/^\s*\{.*\}\s*$/.test(line)).length;
  return others <= Math.max(1, lines.length * 0.2);
}

/** A page begins as one; a part of a page has to be called one. */
function isHtml(text: string, isNamed: boolean): boolean {
  const begin = text
    .slice(0, 8_192)
    .replace(/<!--[\s\S]*?(?:-->|$)|<\?xml[^>]*>/g, '')
    .trimStart();
  const isPage = /^(?:<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>])/i.test(begin);
  const hasTags = /<(?:p|div|span|h[1-6]|table|ul|ol|br|a|article|section)[\s/>]/i.test(begin);
  return isPage || (isNamed && hasTags);
}

function kindOfTable(text: string, isWhole: boolean, extension: string): TextKind | null {
  const isNamed = TABLE_NAMES.has(extension);
  const found = findDelimiter(text, isWhole);
  if (!found) return isNamed ? (extension === '.csv' || extension === '.psv' ? CSV : TSV) : null;
  const kind = found.delimiter === '\t' ? TSV : CSV;
  if (isNamed) return kind;
  // Without a name that says so: enough rows, and nothing that people write in sentences or programs.
  const isPlain = found.delimiter === ',' || found.delimiter === ';';
  const lines = text.split('\n').slice(0, 200);
  if (found.rows < 4 || (isPlain && (found.columns < 3 || isCode(lines)))) return null;
  return kind;
}
