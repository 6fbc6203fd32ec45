import { open } from 'node:fs/promises';

export type FileParts = {
  size: number;
  begin: Buffer;
  /** Some of the middle and of the end, where the file is longer than its beginning. */
  others: Buffer[];
};

const BEGIN_BYTES = 65_536;
const OTHER_BYTES = 16_384;

/** What is looked at of a file, however long it is. */
export async function readParts(path: string): Promise<FileParts> {
  const handle = await open(path);
  try {
    const { size } = await handle.stat();
    const part = async (from: number, length: number) => {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, from);
      return buffer.subarray(0, bytesRead);
    };
    const begin = await part(0, Math.min(size, BEGIN_BYTES));
    const others: Buffer[] = [];
    if (size > BEGIN_BYTES + 2 * OTHER_BYTES) {
      others.push(await part(Math.floor(size / 2), OTHER_BYTES), await part(size - OTHER_BYTES, OTHER_BYTES));
    } else if (size > BEGIN_BYTES) others.push(await part(BEGIN_BYTES, size - BEGIN_BYTES));
    return { size, begin, others };
  } finally {
    await handle.close();
  }
}
