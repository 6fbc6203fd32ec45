/** A document that cannot be read, and why: a sentence for the person who uploaded it. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

export const DAMAGED =
  'The file is damaged or incomplete. Open it in the program it was made with, save it again and upload that.';
export const HAS_PASSWORD = 'The file has a password. Save it without one and upload that.';
export const NO_TEXT = 'The file holds no text.';
export const SCANNED =
  'The PDF holds no text: it seems to be scanned images. Run text recognition (OCR) over it and upload the result.';
export const TOO_LARGE_INSIDE = 'The file is too large inside: unpacked, it holds more than can be read.';
export const TOO_DEEP = 'The file is nested too deeply to be read.';
export const TOO_MUCH_TEXT = 'The file holds more text than can be read. Split it into smaller files.';
export const TOO_MUCH_MEMORY = 'Reading the file takes more memory than it may. Split it into smaller files.';
export const DECLARES_ENTITIES =
  'The file declares XML entities, which are not read because they can be used for attacks.';
export const CRASHED = 'The file could not be read: it is damaged, or made in a way that is not understood.';
