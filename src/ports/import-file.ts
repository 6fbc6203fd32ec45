/** One JSON text of an import. `name` is for people: of a file within an archive, else null. */
export type ImportText = { name: string | null; chunks: AsyncIterable<string> };

/**
 * The JSON texts of a file that somebody wants to import: itself, or those named `conversations*.json` of a zip, in the
 * order of their names. Each is read to its end before the next is asked for. Throws AppError UNSUPPORTED_MEDIA_TYPE for
 * what is neither, PAYLOAD_TOO_LARGE where more than `maxBytes` comes out of an archive.
 */
export type OpenImportFile = (path: string, maxBytes: number) => AsyncIterable<ImportText>;
