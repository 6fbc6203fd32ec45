const MEGABYTE = 1_048_576;

/** What is inside a container may not be trusted: not its number of entries, not their declared sizes. */
export const MAX_ENTRIES = 20_000;
/** Counted while unpacking, over everything that is read of one file. */
export const MAX_INFLATED_BYTES = 768 * MEGABYTE;
/** Deflate reaches 1032:1 on zeros; spreadsheets that people make stay below 100:1. */
export const MAX_RATIO = 250;
/** A small file may compress as well as it likes. */
export const RATIO_COUNTS_FROM_BYTES = 32 * MEGABYTE;
/** Of XML and JSON. */
export const MAX_DEPTH = 1_000;
/** Of HTML, where people leave tags open. */
export const MAX_HTML_DEPTH = 20_000;
/** Text that comes out of a file, where it is not simply the file's own text. */
export const MAX_CHARACTERS = 100_000_000;
/** Everything that is kept in memory while a document is read: shared strings, notes, styles. */
export const MAX_KEPT_CHARACTERS = 50_000_000;

/** Where a section ends, at the next block. */
export const SECTION_LENGTH = 128_000;
/** A longer block is cut into several. */
export const BLOCK_LENGTH = 32_000;
/** A section or what is sent ahead of the reader may be this many characters. */
export const AHEAD_CHARACTERS = 2_000_000;
