import { isAscii } from 'node:buffer';
import { analyse } from 'chardet';

/** Of what is not ASCII this share may be damaged, and it is UTF-8 nevertheless. */
const MAX_DAMAGED = 0.1;
/** Guessing is slow: 16 KB take some milliseconds, and are enough. */
const MAX_SAMPLE = 16_384;

/** Looks at bytes, all or part of a file, and says how their text is encoded. */
export function createEncodingGuess() {
  const decoder = new TextDecoder('utf-8');
  let sample = Buffer.alloc(0);
  let foreign = Buffer.alloc(0);
  let damaged = 0;
  let others = 0;

  return {
    add(chunk: Buffer) {
      if (sample.length < MAX_SAMPLE) sample = Buffer.concat([sample, chunk.subarray(0, MAX_SAMPLE - sample.length)]);
      const text = decoder.decode(chunk, { stream: true });
      if (isAscii(chunk)) return;
      if (foreign.length === 0) foreign = Buffer.from(around(chunk));
      for (let index = 0; index < text.length; index++) {
        const unit = text.charCodeAt(index);
        if (unit === 0xfffd) damaged += 1;
        else if (unit > 0x7f) others += 1;
      }
    },
    /** Whether a character takes two bytes: zeros are no sign of something else then. */
    isWide: () => (byMark(sample) ?? wideWithoutMark(sample))?.startsWith('utf-16') ?? false,
    /** A label that TextDecoder knows; null where it is no text that can be read. */
    end(): string | null {
      const marked = byMark(sample);
      if (marked !== undefined) return marked;
      const wide = wideWithoutMark(sample);
      if (wide) return wide;
      // Japanese mail is ASCII with escapes in it.
      if (sample.includes('\u001b$') && known(bestGuess(sample)) === 'iso-2022-jp') return 'iso-2022-jp';
      if (damaged === 0 || damaged <= others * MAX_DAMAGED) return 'utf-8';
      return known(bestGuess(Buffer.concat([foreign, sample]).subarray(0, MAX_SAMPLE))) ?? 'windows-1252';
    },
  };
}

/** The stretch of a chunk that begins shortly before its first byte that is not ASCII. */
function around(chunk: Buffer): Buffer {
  const at = chunk.findIndex((byte) => byte > 0x7f);
  const from = Math.max(0, at - 1_000);
  return chunk.subarray(from, from + MAX_SAMPLE / 2);
}

function byMark(sample: Buffer): string | null | undefined {
  const [a, b, c, d] = sample;
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8';
  // UTF-32, which nothing decodes.
  if (a === 0xff && b === 0xfe && c === 0 && d === 0) return null;
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  return undefined;
}

/** UTF-16 of a language in Latin letters: every other byte is zero. */
function wideWithoutMark(sample: Buffer): string | null {
  const length = Math.min(sample.length, 8_192) & ~1;
  if (length < 8) return null;
  let even = 0;
  let odd = 0;
  for (let index = 0; index < length; index += 2) {
    if (sample[index] === 0) even += 1;
    if (sample[index + 1] === 0) odd += 1;
  }
  const enough = length / 2;
  if (odd > enough * 0.4 && even < enough * 0.02) return 'utf-16le';
  if (even > enough * 0.4 && odd < enough * 0.02) return 'utf-16be';
  return null;
}

function bestGuess(bytes: Buffer): string {
  return analyse(bytes).find(({ name }) => !/^UTF/i.test(name) && known(name) !== null)?.name ?? '';
}

function known(label: string): string | null {
  try {
    return label === '' ? null : new TextDecoder(label).encoding;
  } catch {
    return null;
  }
}
