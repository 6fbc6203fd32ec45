import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { FileReader, TextSection } from '../ports/file-reader.ts';

/** Stands in for the reader of all formats: takes everything for UTF-8 text. */
export function createPlainTextReader(): FileReader {
  return {
    detect: async () => ({ kind: 'text', mimeType: 'text/plain' }),
    async *read(path, _kind, signal) {
      const { size } = await stat(path);
      let seen = 0;
      let rest = '';
      for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: 262_144, signal })) {
        const text = rest + (chunk as string);
        const cut = text.lastIndexOf('\n') + 1;
        rest = text.slice(cut);
        seen += (chunk as string).length;
        if (cut > 0) yield { type: 'section', section: sectionOf(text.slice(0, cut)) };
        yield { type: 'progress', fraction: Math.min(1, seen / size) };
      }
      if (rest !== '') yield { type: 'section', section: sectionOf(rest) };
    },
    dispose: async () => {},
  };
}

function sectionOf(text: string): TextSection {
  const blocks: TextSection['blocks'] = [];
  for (const { 0: match, index } of text.matchAll(/(?:[^\n]*\S[^\n]*(?:\n|$))+/g)) {
    blocks.push({ type: 'paragraph', start: index, end: index + match.length });
  }
  return { text, page: null, blocks };
}
