import { expect } from 'vitest';
import type { FileReader, FileReading, TextSection } from '../../../src/ports/file-reader.ts';

/** All sections, and that what a section says of itself is true. */
export async function sectionsOf(reading: FileReading): Promise<TextSection[]> {
  const sections: TextSection[] = [];
  for await (const item of reading) if (item.type === 'section') sections.push(item.section);
  for (const section of sections) expectSound(section);
  return sections;
}

/** Detects and reads a file. */
export async function readAll(reader: FileReader, path: string, name = 'file'): Promise<TextSection[]> {
  const found = await reader.detect(path, name);
  if (!found) throw new Error('Nothing that can be read.');
  return sectionsOf(reader.read(path, found.kind, new AbortController().signal));
}

/** Blocks as they are easily compared: "heading 1: text". */
export function blocksOf(sections: TextSection[]): string[] {
  return sections.flatMap(({ text, blocks }) =>
    blocks.map(
      ({ type, level, start, end }) => `${type}${level === undefined ? '' : ` ${level}`}: ${text.slice(start, end)}`,
    ),
  );
}

/** Pages with their text. */
export function pagesOf(sections: TextSection[]): [number | null, string][] {
  const pages: [number | null, string][] = [];
  for (const { page, text } of sections) {
    const last = pages.at(-1);
    if (last && last[0] === page) last[1] += text;
    else pages.push([page, text]);
  }
  return pages;
}

/** What the port promises of every section. */
export function expectSound({ text, blocks }: TextSection): void {
  expect(text.length).toBeGreaterThan(0);
  expect(text.length).toBeLessThan(1_100_000);
  expect(text.isWellFormed()).toBe(true);
  expect(text).toBe(text.normalize('NFC'));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be there
  expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
  // One comparison for all: a section may have ten thousand blocks.
  const faults: unknown[] = [];
  let end = 0;
  for (const block of blocks) {
    const isInOrder = block.start >= end && block.end > block.start && block.end <= text.length;
    const isFilled = text.slice(block.start, block.end).trim() !== '' && text.slice(end, block.start).trim() === '';
    const isLevelled = (block.level !== undefined) === (block.type === 'heading');
    if (!isInOrder || !isFilled || !isLevelled) faults.push(block);
    end = block.end;
  }
  expect(faults).toEqual([]);
  expect(text.slice(end).trim()).toBe('');
}
