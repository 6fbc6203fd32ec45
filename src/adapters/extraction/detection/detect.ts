import { fileTypeFromBuffer } from 'file-type';
import type { DetectedKind, FileKind } from '../../../ports/file-reader.ts';
import { createEncodingGuess } from '../text/encoding.ts';
import { isCompoundFile, isLockedOffice } from './compound-file.ts';
import { type FileParts, readParts } from './read-part.ts';
import { kindOfText } from './text-kind.ts';
import { kindOfZip } from './zip-kind.ts';

const MIME_TYPES: Partial<Record<FileKind, string>> = {
  pdf: 'application/pdf',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  odt: 'application/vnd.oasis.opendocument.text',
  ods: 'application/vnd.oasis.opendocument.spreadsheet',
  odp: 'application/vnd.oasis.opendocument.presentation',
  epub: 'application/epub+zip',
};

/** What file-type looks at; more makes it unpack archives. */
const SIGNATURE_BYTES = 4_100;
/** Text in form, but nothing that is read as it stands. */
const FOREIGN_TEXT = new Set(['rtf', 'ps', 'eps', 'asc', 'pgp', 'ai']);
/** Control characters that no text has but few: more of them, and it is none. */
const MAX_CONTROL_SHARE = 0.005;

/** The kind of a file by its bytes: a bounded part of them, whatever its length. */
export async function detectKind(path: string, name: string): Promise<DetectedKind | null> {
  const parts = await readParts(path);
  const { begin } = parts;
  if (begin.length === 0) return null;
  if (begin.subarray(0, 4).toString('latin1') === 'PK\u0003\u0004') return detected(await kindOfZip(path));
  if (isCompoundFile(begin)) return (await isLockedOffice(path, begin)) ? detected(lockedKind(name)) : null;
  const marked = begin.subarray(0, 1_024).indexOf('%PDF-');
  if (marked === 0) return detected('pdf');
  const text = decodeText(parts);
  // Programs allow some bytes before it, but then it is no text that only speaks of PDFs.
  if (marked > 0 && (text === null || /^\s*%PDF-/.test(text))) return detected('pdf');
  if (text === null) return null;
  const signature = await fileTypeFromBuffer(begin.subarray(0, SIGNATURE_BYTES)).catch(() => undefined);
  // Its other signatures are so short that words begin with them ("BM25").
  if (signature && FOREIGN_TEXT.has(signature.ext)) return null;
  if (text.trim() === '') return null;
  return kindOfText(text, parts.others.length === 0, name);
}

function detected(kind: FileKind | null): DetectedKind | null {
  return kind && { kind, mimeType: MIME_TYPES[kind] ?? 'application/octet-stream' };
}

/** What is in a locked file does not show; whoever reads it says that it has a password. */
function lockedKind(name: string): FileKind {
  const extension = /\.(xls|ppt)[a-z]{0,2}$/i.exec(name)?.[1]?.toLowerCase();
  return extension === 'xls' ? 'xlsx' : extension === 'ppt' ? 'pptx' : 'docx';
}

/** The beginning as text; null where it is none. */
function decodeText({ begin, others }: FileParts): string | null {
  const guess = createEncodingGuess();
  guess.add(begin);
  for (const part of others) guess.add(part);
  const isWide = guess.isWide();
  if (!isWide && [begin, ...others].some(hasControls)) return null;
  const encoding = guess.end();
  if (encoding === null) return null;
  const parts = [begin, ...others].map((bytes) => (isWide ? bytes.subarray(0, bytes.length & ~1) : bytes));
  const text = new TextDecoder(encoding).decode(parts[0], { stream: others.length > 0 });
  return isWide && isDamaged(text) ? null : text;
}

function hasControls(bytes: Buffer): boolean {
  let controls = 0;
  for (const byte of bytes) {
    // Tabs, ends of lines and pages, and the escapes of terminals and Japanese mail are text.
    if ((byte < 0x20 && !(byte >= 0x09 && byte <= 0x0d) && byte !== 0x1b) || byte === 0x7f) controls += 1;
  }
  return controls > Math.max(2, bytes.length * MAX_CONTROL_SHARE);
}

function isDamaged(text: string): boolean {
  let damaged = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit === 0xfffd || unit < 0x09 || (unit > 0x0d && unit < 0x20)) damaged += 1;
  }
  return damaged > Math.max(2, text.length * MAX_CONTROL_SHARE);
}
