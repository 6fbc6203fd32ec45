/** What a file is, by its bytes. */
export const FILE_KINDS = [
  'pdf',
  'docx',
  'xlsx',
  'pptx',
  'odt',
  'ods',
  'odp',
  'epub',
  'html',
  'markdown',
  'text',
  'csv',
  'json',
] as const;
export type FileKind = (typeof FILE_KINDS)[number];

export type DetectedKind = { kind: FileKind; mimeType: string };

/**
 * A stretch of the extracted text, by its structure. Blocks are in order and do not overlap; what lies between two of
 * them is white space.
 */
export type TextBlock = {
  type: 'heading' | 'paragraph' | 'list-item' | 'table' | 'code';
  /** Of a heading: 1 to 6. */
  level?: number;
  /** Offsets in the text, in UTF-16 units; end is exclusive. */
  start: number;
  end: number;
};

/** One page, slide or sheet, or a stretch of a format that has none. At most about a megabyte. */
export type TextSection = {
  text: string;
  /** 1, 2, 3 …; null where the format has no pages. A page may come as several sections. */
  page: number | null;
  /** Offsets relative to this section's text. */
  blocks: TextBlock[];
};

/** The sections one after the other are the extracted text: their texts are concatenated as they are. */
export type FileReading = AsyncIterable<
  { type: 'section'; section: TextSection } | { type: 'progress' /** 0 to 1 */; fraction: number }
>;

/** Reads text out of files; hostile ones cannot take more time or memory than they are given. */
export type FileReader = {
  /**
   * The kind of the bytes, never of the name (which only tells apart what is text anyway, such as Markdown). Null: none that can be read, or empty.
   * Reads a bounded part.
   */
  detect(path: string, name: string): Promise<DetectedKind | null>;
  /**
   * Throws AppError UNSUPPORTED_MEDIA_TYPE, not `retryable`, with a message that a person understands: it is damaged, has a
   * password, holds no text, is too large inside. When `signal` aborts, throws its reason.
   */
  read(path: string, kind: FileKind, signal: AbortSignal): FileReading;
  dispose(): Promise<void>;
};
