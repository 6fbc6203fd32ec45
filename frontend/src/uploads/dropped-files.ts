import { texts } from '../texts/texts.ts';

/** Of one drop; whoever drops more has dropped the wrong folder. */
export const MOST_FILES = 1_000;
const MOST_DEPTH = 16;
/** What systems leave in folders, beside what begins with a dot. */
const CLUTTER = new Set(['thumbs.db', 'desktop.ini']);

/** What of a drop is not among its files. */
export type Missed = {
  /** The folders hold more than are looked at: nobody has counted the others. */
  isCut: boolean;
  /** Files and folders that the browser does not hand over, or that lie too deep. */
  unread: number;
};

export const NOTHING_MISSED: Missed = { isCut: false, unread: 0 };

/** What a person is told of it, and of those that are too many; null: nothing is left out. */
export function leftOutWords({ isCut, unread }: Missed, left: number, most: number): string | null {
  const words = texts.uploads;
  const said = [
    ...(isCut || left > 0 ? [words.tooMany(isCut ? null : left, most)] : []),
    ...(unread > 0 ? [words.unread(unread)] : []),
  ];
  return said.length > 0 ? said.join(' ') : null;
}

export type Dropped = { files: readonly File[]; missed: Missed };

/** The files that are dropped, and those in folders and in folders within them. Call it while the drop is handled. */
export async function droppedFiles(transfer: DataTransfer): Promise<Dropped> {
  // Once the event is over, the browser tells neither.
  const items = [...transfer.items].filter(({ kind }) => kind === 'file');
  const found = items.map((item) => {
    const entry = item.webkitGetAsEntry();
    return entry && isFolder(entry) ? entry : item.getAsFile();
  });
  const files: File[] = [];
  const missed = { ...NOTHING_MISSED };
  for (const one of found) {
    if (one instanceof File) files.push(one);
    else if (one) await walk(one, { files, missed }, 0);
    else missed.unread += 1;
  }
  return { files, missed };
}

type Walked = { files: File[]; missed: Missed };

async function walk(folder: FileSystemDirectoryEntry, walked: Walked, depth: number): Promise<void> {
  const { files, missed } = walked;
  if (depth > MOST_DEPTH) {
    missed.unread += 1;
    return;
  }
  const reader = folder.createReader();
  for (;;) {
    // A reader tells a hundred at a time.
    const entries = await new Promise<FileSystemEntry[] | null>((resolve) =>
      reader.readEntries(resolve, () => resolve(null)),
    );
    if (!entries) missed.unread += 1;
    if (!entries?.length) return;
    for (const entry of entries) {
      if (entry.name.startsWith('.') || CLUTTER.has(entry.name.toLowerCase())) continue;
      if (files.length >= MOST_FILES) {
        missed.isCut = true;
        return;
      }
      if (isFolder(entry)) await walk(entry, walked, depth + 1);
      else if (isFile(entry)) {
        const file = await new Promise<File | null>((resolve) => entry.file(resolve, () => resolve(null)));
        if (file) files.push(file);
        else missed.unread += 1;
      }
    }
  }
}

const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;
const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
