import { type FileHandle, open } from 'node:fs/promises';
import { getDocument, PDFDataRangeTransport, type PDFDocumentProxy } from 'unpdf/pdfjs';
import { DAMAGED, HAS_PASSWORD, Refusal } from '../refusal.ts';

const RANGE_BYTES = 262_144;

/** A PDF of which only what is needed is read: large ones are large because of pictures, which hold no text. */
export async function openPdf(
  path: string,
  size: number,
): Promise<{ document: PDFDocumentProxy; close(): Promise<void> }> {
  const handle = await open(path);
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  const task = getDocument({
    range: new FileRanges(handle, size, failed.reject),
    rangeChunkSize: RANGE_BYTES,
    disableAutoFetch: true,
    disableStream: true,
    // Nothing is drawn, nothing in the file is run, nothing is fetched.
    disableFontFace: true,
    useSystemFonts: false,
    useWorkerFetch: false,
    enableXfa: false,
    stopAtErrors: false,
    isImageDecoderSupported: false,
    isOffscreenCanvasSupported: false,
    verbosity: 0,
  });
  const close = async () => {
    await task.destroy().catch(() => {});
    await handle.close();
  };
  try {
    return { document: await Promise.race([task.promise, failed.promise]), close };
  } catch (error) {
    await close();
    throw error instanceof Error && error.name === 'PasswordException'
      ? new Refusal(HAS_PASSWORD, { cause: error })
      : new Refusal(DAMAGED, { cause: error });
  }
}

class FileRanges extends PDFDataRangeTransport {
  readonly #handle: FileHandle;
  readonly #fail: (error: unknown) => void;

  constructor(handle: FileHandle, size: number, fail: (error: unknown) => void) {
    super(size, new Uint8Array(0), false);
    this.#handle = handle;
    this.#fail = fail;
  }

  override requestDataRange(begin: number, end: number): void {
    this.#handle
      .read(new Uint8Array(end - begin), 0, end - begin, begin)
      .then(({ buffer, bytesRead }) => this.onDataRange(begin, buffer.subarray(0, bytesRead)), this.#fail);
  }

  override abort(): void {}
}
