import type { JournalPart } from '../../ports/journal.ts';

/**
 * Parts as bytes: turn, length and type, and for text its position and its UTF-8. Numbers are varints, because most
 * texts are a word or two, and what stands around them would be more than they are.
 */
const VERSION = 1;

const TYPES = ['text', 'reasoning', 'retrieved', 'ended'] as const;
const TEXT_TYPES = 2;

export function encodeParts(parts: JournalPart[]): Buffer {
  const pieces: (Buffer | number[])[] = [[VERSION]];
  for (const part of parts) {
    const type = TYPES.indexOf(part.type);
    const head: number[] = [];
    writeVarint(head, part.key);
    if (part.type === 'text' || part.type === 'reasoning') {
      const text = Buffer.from(part.text);
      writeVarint(head, text.length * TYPES.length + type);
      writeVarint(head, part.start);
      pieces.push(head, text);
    } else {
      writeVarint(head, (part.type === 'retrieved' && part.isStored ? TYPES.length : 0) + type);
      pieces.push(head);
    }
  }
  return Buffer.concat(pieces.map((piece) => (Buffer.isBuffer(piece) ? piece : Buffer.from(piece))));
}

/**
 * The parts of the turns that are asked for. Bytes of another version, or that end in the middle, say nothing from there
 * on.
 */
export function decodeParts(bytes: Buffer, isWanted: (key: number) => boolean = () => true): JournalPart[] {
  if (bytes[0] !== VERSION) return [];
  const reader = { bytes, at: 1 };
  const parts: JournalPart[] = [];
  while (reader.at < bytes.length) {
    const key = readVarint(reader);
    const tag = readVarint(reader);
    const typeIndex = tag % TYPES.length;
    const size = Math.floor(tag / TYPES.length);
    const type = TYPES[typeIndex] ?? 'ended';
    if (typeIndex >= TEXT_TYPES) {
      if (reader.at > bytes.length) break;
      if (isWanted(key))
        parts.push(type === 'retrieved' ? { type, key, isStored: size === 1 } : { type: 'ended', key });
      continue;
    }
    const start = readVarint(reader);
    const end = reader.at + size;
    if (end > bytes.length) break;
    if (isWanted(key)) {
      const text = bytes.toString('utf8', reader.at, end);
      parts.push({ type: type === 'reasoning' ? 'reasoning' : 'text', key, start, text });
    }
    reader.at = end;
  }
  return parts;
}

/** By division, not by shifts: positions and lengths may be beyond 32 bits. */
function writeVarint(to: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    to.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  to.push(rest);
}

/** Reading past the end gives a position beyond it. */
function readVarint(reader: { bytes: Buffer; at: number }): number {
  let value = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = reader.bytes[reader.at];
    reader.at += 1;
    if (byte === undefined) return value;
    value += (byte % 128) * scale;
    if (byte < 128) return value;
  }
}
