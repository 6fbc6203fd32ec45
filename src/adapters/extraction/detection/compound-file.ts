import { open } from 'node:fs/promises';

const SIGNATURE = Buffer.from('d0cf11e0a1b11ae1', 'hex');
const MAX_SECTORS = 64;
const ENTRY_BYTES = 128;
const LAST_SECTOR = 0xfffffffa;

export function isCompoundFile(begin: Buffer): boolean {
  return begin.subarray(0, 8).equals(SIGNATURE);
}

/**
 * Whether an OLE container holds an encrypted Office document, which is how Office locks its newer files. Reads the
 * names in the container's directory: [MS-CFB], 2.2 and 2.6.
 */
export async function isLockedOffice(path: string, begin: Buffer): Promise<boolean> {
  if (begin.length < 512) return false;
  const sectorBytes = begin.readUInt16LE(30) === 12 ? 4_096 : 512;
  const handle = await open(path);
  try {
    const readSector = async (sector: number) => {
      const buffer = Buffer.alloc(sectorBytes);
      const { bytesRead } = await handle.read(buffer, 0, sectorBytes, (sector + 1) * sectorBytes);
      return buffer.subarray(0, bytesRead);
    };
    let sector = begin.readUInt32LE(48);
    for (let count = 0; count < MAX_SECTORS && sector < LAST_SECTOR; count++) {
      if (namesIn(await readSector(sector)).includes('EncryptedPackage')) return true;
      sector = await nextSector(begin, sector, sectorBytes, readSector);
    }
    return false;
  } finally {
    await handle.close();
  }
}

function namesIn(directory: Buffer): string[] {
  const names: string[] = [];
  for (let at = 0; at + ENTRY_BYTES <= directory.length; at += ENTRY_BYTES) {
    const length = Math.min(directory.readUInt16LE(at + 64), 64);
    names.push(directory.toString('utf16le', at, at + Math.max(0, length - 2)));
  }
  return names;
}

/** The allocation table's first 109 sectors are listed in the header: enough for files of some megabytes, whose directory comes early. */
async function nextSector(
  header: Buffer,
  sector: number,
  sectorBytes: number,
  readSector: (sector: number) => Promise<Buffer>,
): Promise<number> {
  const perSector = sectorBytes / 4;
  const table = Math.floor(sector / perSector);
  if (table >= 109) return sector + 1;
  const entries = await readSector(header.readUInt32LE(76 + table * 4));
  const at = (sector % perSector) * 4;
  return at + 4 <= entries.length ? entries.readUInt32LE(at) : LAST_SECTOR;
}
