import { constants, crc32, deflateRawSync } from 'node:zlib';

export type ZipEntry = {
  name: string;
  data: Buffer | string;
  store?: boolean;
  /** Says to hold so many bytes when unpacked, whatever it holds. */
  claimedSize?: number;
  /** Deflated already: `data` is what the archive holds. */
  packed?: boolean;
  /** Sets the flag of encrypted entries. */
  locked?: boolean;
  /** Shares the bytes of the entry of this name. */
  over?: string;
};

/** Writes a zip file as it is told to, also one that no program would write. */
export function zip(entries: ZipEntry[]): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  const offsets = new Map<string, { offset: number; data: Buffer; size: number; crc: number }>();
  let at = 0;
  for (const entry of entries) {
    const name = Buffer.from(entry.name);
    const raw = Buffer.from(entry.data);
    const shared = entry.over === undefined ? undefined : offsets.get(entry.over);
    const data = shared?.data ?? (entry.store || entry.packed ? raw : deflateRawSync(raw));
    const size = shared?.size ?? entry.claimedSize ?? raw.length;
    const crc = shared?.crc ?? (entry.packed ? 0 : crc32(raw));
    const offset = shared?.offset ?? at;
    const header = Buffer.alloc(26);
    header.writeUInt16LE(20, 0);
    header.writeUInt16LE(0x800 | (entry.locked ? 1 : 0), 2);
    header.writeUInt16LE(entry.store ? 0 : 8, 4);
    header.writeUInt32LE(crc, 10);
    header.writeUInt32LE(data.length, 14);
    header.writeUInt32LE(Math.min(size, 0xfffffffe), 18);
    header.writeUInt16LE(name.length, 22);
    if (!shared) {
      const local = Buffer.concat([Buffer.from('PK\u0003\u0004', 'latin1'), header, name, data]);
      locals.push(local);
      offsets.set(entry.name, { offset, data, size, crc });
      at += local.length;
    }
    const end = Buffer.alloc(14);
    end.writeUInt32LE(offset, 10);
    central.push(Buffer.from('PK\u0001\u0002\u0014\u0000', 'latin1'), header, end, name);
  }
  const directory = Buffer.concat(central);
  const tail = Buffer.alloc(22);
  tail.write('PK\u0005\u0006', 0, 'latin1');
  tail.writeUInt16LE(Math.min(entries.length, 0xffff), 8);
  tail.writeUInt16LE(Math.min(entries.length, 0xffff), 10);
  tail.writeUInt32LE(directory.length, 12);
  tail.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, directory, tail]);
}

/** Deflated bytes that unpack to `before`, so many gigabytes of one character, and `after`; made in no time. */
export function deflatedGigabytes(gigabytes: number, before: string, character: string, after: string): Buffer {
  const flushed = (bytes: Buffer) => deflateRawSync(bytes, { finishFlush: constants.Z_FULL_FLUSH });
  const megabytes16 = flushed(Buffer.alloc(16 * 1_048_576, character));
  return Buffer.concat([
    flushed(Buffer.from(before)),
    ...Array.from({ length: gigabytes * 64 }, () => megabytes16),
    deflateRawSync(Buffer.from(after)),
  ]);
}
