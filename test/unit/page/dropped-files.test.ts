import { expect, test } from 'vitest';
import { droppedFiles, leftOutWords, MOST_FILES } from '../../../frontend/src/uploads/dropped-files.ts';

type Entry = { name: string; isFile: boolean; isDirectory: boolean; file?: object; createReader?: object };

const fileOf = (name: string, isReadable = true): Entry => ({
  name,
  isFile: true,
  isDirectory: false,
  file: (resolve: (file: File) => void, reject: () => void) => (isReadable ? resolve(new File([], name)) : reject()),
});

/** As browsers do, it tells a hundred at a time. */
function folderOf(name: string, entries: Entry[], isReadable = true): Entry {
  const left = [...entries];
  const readEntries = (resolve: (entries: Entry[]) => void, reject: () => void) =>
    isReadable ? resolve(left.splice(0, 100)) : reject();
  return { name, isFile: false, isDirectory: true, createReader: () => ({ readEntries }) };
}

const drop = (...entries: Entry[]) =>
  droppedFiles({
    items: entries.map((entry) => ({ kind: 'file', webkitGetAsEntry: () => entry, getAsFile: () => null })),
  } as unknown as DataTransfer);

const many = (count: number) => Array.from({ length: count }, (_, index) => fileOf(`${index}.md`));

test('what a drop holds beyond its files is told', async () => {
  const whole = await drop(folderOf('papers', [fileOf('.hidden'), folderOf('older', many(MOST_FILES))]));
  expect(whole.files).toHaveLength(MOST_FILES);
  expect(whole.missed).toEqual({ isCut: false, unread: 0 });
  expect(leftOutWords(whole.missed, 0, 500)).toBeNull();

  const cut = await drop(folderOf('papers', [folderOf('older', many(MOST_FILES - 1)), ...many(2)]));
  expect(cut.files).toHaveLength(MOST_FILES);
  expect(cut.missed).toEqual({ isCut: true, unread: 0 });
  expect(leftOutWords(cut.missed, 500, 500)).toBe('No more than 500 files at a time: the others were left out.');

  const partly = await drop(
    folderOf('papers', [fileOf('kept.md'), fileOf('locked.md', false), folderOf('x', [], false)]),
  );
  expect(partly.files.map(({ name }) => name)).toEqual(['kept.md']);
  expect(leftOutWords(partly.missed, 0, 500)).toBe('2 files or folders could not be read.');
});
