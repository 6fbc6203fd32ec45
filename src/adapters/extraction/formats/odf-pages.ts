import type { Archive } from '../containers/archive.ts';
import { parseXml } from '../containers/xml.ts';
import type { OdfStyles } from './odf-styles.ts';

/** What may begin on a new page. */
export const PLACED = new Set(['text:p', 'text:h', 'table:table']);

/**
 * Whether the pages that a text notes are all that it has: it says how many there are, and notes ends that are not
 * forced, which it only does once it has been laid out.
 */
export async function arePagesNoted(archive: Archive, styles: OdfStyles): Promise<boolean> {
  if (!archive.has('meta.xml')) return false;
  let claimed = 0;
  await parseXml(
    archive.read('meta.xml'),
    {
      open(name, attributes) {
        if (name === 'meta:document-statistic') claimed = Number(attributes['meta:page-count']) || 0;
      },
    },
    { prefixes: true },
  );
  let soft = 0;
  let forced = 0;
  let isFirst = true;
  let breaksNext = false;
  await parseXml(
    archive.read('content.xml'),
    {
      open(name, attributes) {
        styles.open(name, attributes);
        if (name === 'text:soft-page-break') soft += 1;
        if (!PLACED.has(name)) return;
        const style = attributes['text:style-name'] ?? attributes['table:style-name'];
        if (!isFirst && (breaksNext || styles.breaksBefore(style))) forced += 1;
        breaksNext = styles.breaksAfter(style);
        isFirst = false;
      },
      close: styles.close,
    },
    { prefixes: true },
  );
  return soft > 0 && 1 + soft + forced === claimed;
}
