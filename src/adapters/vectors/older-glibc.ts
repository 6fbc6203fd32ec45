/**
 * A copy of a native library that loads where the C library is older than the one it was linked with.
 *
 * Chroma's server is linked with glibc 2.38 and needs of it two functions only, under the names that C23 gave them
 * (`__isoc23_strtol`, which also reads 0b101), and weakly a few that it does without. Each exists under its old name
 * since the first version of glibc for the machine. So the names are shortened to the old ones, which end the same
 * string, and the versions that nothing needs any more are marked as weak: the loader then warns at most.
 *
 * An ELF file, as far as it matters here: a header says where the section headers are. One section holds the symbols
 * that are bound when it is loaded; beside it lies, entry for entry, the version that each symbol is to have. What these
 * version numbers mean is told by a chain of libraries, each with a chain of versions.
 */
const SECTION_HEADER_SIZE = 64;
const SYMBOL_SIZE = 24;
const SECTION_DYNAMIC_SYMBOLS = 11;
const SECTION_SYMBOL_VERSIONS = 0x6fffffff;
const SECTION_NEEDED_VERSIONS = 0x6ffffffe;
const WEAK_SYMBOL = 2;
const WEAK_VERSION = 2;
/** The highest bit of a symbol's version says that it is hidden. */
const VERSION_NUMBER = 0x7fff;

const SHARED_LIBRARY = 3;
/** The first glibc of each machine: what existed then has this version for ever. */
const FIRST_GLIBC = new Map([
  [62, 'GLIBC_2.2.5'], // x86-64
  [183, 'GLIBC_2.17'], // AArch64
]);
/** Copies load with this glibc and newer ones. */
const OLDEST_MINOR = 34;
const C23_PREFIX = '__isoc23_';

type Section = { type: number; offset: number; size: number; link: number; entries: number };
type NeededVersion = { name: string; library: string /** Where its entry is in the file. */; at: number };

/** Leaves `original` as it is. Throws, with the reason, for what it does not know how to change. */
export function forOlderGlibc(original: Buffer): Buffer {
  const file = Buffer.from(original);
  const firstGlibc = readHeader(file);
  const sections = readSections(file);
  const symbols = sectionOf(sections, SECTION_DYNAMIC_SYMBOLS, 'dynamic symbols');
  const symbolVersions = sectionOf(sections, SECTION_SYMBOL_VERSIONS, 'versions of symbols');
  const needed = sectionOf(sections, SECTION_NEEDED_VERSIONS, 'needed versions');
  const strings = sections[symbols.link];
  if (!strings) throw new Error('its symbols have no names');
  const nameAt = (index: number) => readName(file, strings, index);

  const versions = readNeededVersions(file, needed, nameAt);
  const [firstVersion] =
    [...versions].find(([, { name, library }]) => name === firstGlibc && library === 'libc.so.6') ?? [];
  if (firstVersion === undefined) throw new Error(`it needs nothing of ${firstGlibc}`);

  for (let index = 0; index < symbols.size / SYMBOL_SIZE; index++) {
    const symbol = symbols.offset + index * SYMBOL_SIZE;
    const versionAt = symbolVersions.offset + index * 2;
    const version = versions.get(file.readUInt16LE(versionAt) & VERSION_NUMBER);
    if (!version || !isTooNew(version)) continue;
    const nameIndex = file.readUInt32LE(symbol);
    const name = nameAt(nameIndex);
    const isWeak = file.readUInt8(symbol + 4) >> 4 === WEAK_SYMBOL;
    if (name.startsWith(C23_PREFIX) && version.library === 'libc.so.6') {
      file.writeUInt32LE(nameIndex + C23_PREFIX.length, symbol);
      file.writeUInt16LE(firstVersion, versionAt);
    } else if (!isWeak) {
      throw new Error(`it needs ${name} of ${version.name}`);
    }
  }
  for (const version of versions.values()) {
    if (isTooNew(version)) file.writeUInt16LE(file.readUInt16LE(version.at + 4) | WEAK_VERSION, version.at + 4);
  }
  return file;
}

/** Returns the name of the machine's first glibc version. */
function readHeader(file: Buffer): string {
  const is64BitLittleEndian = file.length > SECTION_HEADER_SIZE && file[4] === 2 && file[5] === 1;
  if (file.toString('latin1', 0, 4) !== '\x7fELF' || !is64BitLittleEndian) {
    throw new Error('it is no 64-bit library for Linux');
  }
  if (file.readUInt16LE(0x10) !== SHARED_LIBRARY) throw new Error('it is no shared library');
  const firstGlibc = FIRST_GLIBC.get(file.readUInt16LE(0x12));
  if (!firstGlibc) throw new Error('it is for an unknown kind of processor');
  return firstGlibc;
}

function readSections(file: Buffer): Section[] {
  const start = Number(file.readBigUInt64LE(0x28));
  if (file.readUInt16LE(0x3a) !== SECTION_HEADER_SIZE) throw new Error('its section headers have an unknown size');
  return Array.from({ length: file.readUInt16LE(0x3c) }, (_, index) => {
    const at = start + index * SECTION_HEADER_SIZE;
    return {
      type: file.readUInt32LE(at + 4),
      offset: Number(file.readBigUInt64LE(at + 24)),
      size: Number(file.readBigUInt64LE(at + 32)),
      link: file.readUInt32LE(at + 40),
      entries: file.readUInt32LE(at + 44),
    };
  });
}

function sectionOf(sections: Section[], type: number, title: string): Section {
  const section = sections.find((candidate) => candidate.type === type);
  if (!section) throw new Error(`it has no table of ${title}`);
  return section;
}

/** Names end with a zero byte. */
function readName(file: Buffer, strings: Section, index: number): string {
  const start = strings.offset + index;
  const end = file.indexOf(0, start);
  if (index >= strings.size || end < 0) throw new Error('a name lies outside of its table');
  return file.toString('latin1', start, end);
}

/** By the number that symbols refer to. Both chains say how far it is to their next entry; zero ends one. */
function readNeededVersions(
  file: Buffer,
  section: Section,
  nameAt: (index: number) => string,
): Map<number, NeededVersion> {
  const versions = new Map<number, NeededVersion>();
  let libraryAt = section.offset;
  for (let libraries = section.entries; libraries > 0; libraries--) {
    const library = nameAt(file.readUInt32LE(libraryAt + 4));
    let at = libraryAt + file.readUInt32LE(libraryAt + 8);
    for (let count = file.readUInt16LE(libraryAt + 2); count > 0; count--) {
      versions.set(file.readUInt16LE(at + 6), { name: nameAt(file.readUInt32LE(at + 8)), library, at });
      at += file.readUInt32LE(at + 12);
    }
    libraryAt += file.readUInt32LE(libraryAt + 12);
  }
  return versions;
}

function isTooNew({ name }: NeededVersion): boolean {
  const minor = /^GLIBC_2\.(\d+)$/.exec(name)?.[1];
  return minor !== undefined && Number(minor) > OLDEST_MINOR;
}
