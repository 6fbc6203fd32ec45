import type { Archive } from '../containers/archive.ts';
import { attribute, parseXml } from '../containers/xml.ts';
import { MAX_KEPT_CHARACTERS } from '../limits.ts';
import { Refusal, TOO_LARGE_INSIDE } from '../refusal.ts';

export type CellFormat = 'general' | 'date' | 'time' | 'date-time' | 'percent';

/** What number formats make of a number; those that only decorate it are "general". */
export async function readCellFormats(archive: Archive, path: string): Promise<CellFormat[]> {
  const formats: CellFormat[] = [];
  if (!archive.has(path)) return formats;
  const codes = new Map<string, string>();
  let inCells = false;
  await parseXml(archive.read(path), {
    open(name, attributes) {
      if (name === 'numFmt')
        codes.set(attribute(attributes, 'numFmtId') ?? '', attribute(attributes, 'formatCode') ?? '');
      else if (name === 'cellXfs') inCells = true;
      else if (name === 'xf' && inCells) {
        const id = attribute(attributes, 'numFmtId') ?? '0';
        formats.push(byCode(codes.get(id)) ?? byNumber(Number(id)));
      }
    },
    close(name) {
      if (name === 'cellXfs') inCells = false;
    },
  });
  return formats;
}

function byNumber(id: number): CellFormat {
  if (id === 9 || id === 10) return 'percent';
  if (id === 22) return 'date-time';
  if ((id >= 18 && id <= 21) || (id >= 45 && id <= 47)) return 'time';
  if ((id >= 14 && id <= 17) || (id >= 27 && id <= 36) || (id >= 50 && id <= 58)) return 'date';
  return 'general';
}

function byCode(code: string | undefined): CellFormat | undefined {
  if (code === undefined) return undefined;
  // Without quoted words, escaped characters, and colours and locales in brackets; [h] is a duration.
  const bare = code.slice(0, 500).replace(/"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]/gi, '');
  const hasDate = /[yd]/i.test(bare) && !/general/i.test(bare);
  const hasTime = /[hs]/i.test(bare);
  if (hasDate && hasTime) return 'date-time';
  if (hasDate || (/m/i.test(bare) && !hasTime)) return 'date';
  if (hasTime) return 'time';
  return bare.includes('%') ? 'percent' : 'general';
}

/** The texts that cells refer to by number. */
export async function readSharedStrings(archive: Archive, path: string): Promise<string[]> {
  const strings: string[] = [];
  if (!archive.has(path)) return strings;
  let text = '';
  let kept = 0;
  let inText = false;
  let inReading = false;
  await parseXml(archive.read(path), {
    open(name) {
      if (name === 't') inText = !inReading;
      // How Japanese is read aloud, beside what is written.
      else if (name === 'rPh') inReading = true;
    },
    text(value) {
      if (inText) text += value;
    },
    close(name) {
      if (name === 't') inText = false;
      else if (name === 'rPh') inReading = false;
      else if (name === 'si') {
        strings.push(text);
        kept += text.length + 16;
        if (kept > MAX_KEPT_CHARACTERS) throw new Refusal(TOO_LARGE_INSIDE);
        text = '';
      }
    },
  });
  return strings;
}

const DAY_MS = 86_400_000;

/** A number as a cell shows it: dates and times as ISO 8601 writes them. */
export function formatNumber(value: string, format: CellFormat, startsIn1904: boolean): string {
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number)) return value;
  if (format === 'percent') return `${round(number * 100)}%`;
  if (format === 'general' || number < 0 || number > 2_958_466) return round(number);
  if (format === 'time') return formatDuration(number);
  // Excel believes that there was a 29 February 1900.
  const days = startsIn1904 ? number + 1462 : number < 60 ? number + 1 : number;
  const date = new Date(Date.UTC(1899, 11, 30) + Math.round((days * DAY_MS) / 1000) * 1000);
  const [day = '', time = ''] = date.toISOString().slice(0, 19).split('T');
  return format === 'date-time' || number % 1 !== 0 ? `${day} ${withoutSeconds(time)}` : day;
}

function formatDuration(days: number): string {
  const seconds = Math.round(days * 86_400);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return withoutSeconds(parts.map((part) => String(part).padStart(2, '0')).join(':'));
}

function withoutSeconds(time: string): string {
  return time.endsWith(':00') ? time.slice(0, -3) : time;
}

/** Without the noise of binary fractions: 0.1 + 0.2 is 0.3. */
function round(number: number): string {
  return String(Number(number.toPrecision(15)));
}

/** "BC12" is column 54, counted from 0. */
export function columnOf(reference: string | undefined): number | undefined {
  const letters = /^([A-Z]{1,3})\d/.exec(reference ?? '')?.[1];
  if (!letters) return undefined;
  let column = 0;
  for (const letter of letters) column = column * 26 + letter.charCodeAt(0) - 64;
  return column - 1;
}
