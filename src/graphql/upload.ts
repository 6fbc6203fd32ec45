import { badInput } from '../errors.ts';
import type { StoredUpload } from '../ports/file-store.ts';

/** A file of a multipart request: received, and waiting to be taken by the one place of the operation that it is for. */
export class Upload {
  readonly name: string;
  #stored: StoredUpload | null;

  constructor(name: string, stored: StoredUpload) {
    this.name = name;
    this.#stored = stored;
  }

  /** Whoever takes it has to keep or discard it. Throws BAD_USER_INPUT the second time. */
  take(): StoredUpload {
    const stored = this.#stored;
    this.#stored = null;
    if (!stored) throw badInput({ 'input.file': 'An upload can be used once. Send the file once for each place.' });
    return stored;
  }

  /** What nobody has taken. From here on nobody can. */
  leave(): StoredUpload | null {
    const stored = this.#stored;
    this.#stored = null;
    return stored;
  }
}
