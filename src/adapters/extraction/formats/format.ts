import type { Sections } from '../text/sections.ts';

export type Source = { path: string; size: number };

/**
 * Reads a file of one kind: adds blocks to the sections, and yields how far it is (0 to 1) as often as it can, because
 * only then what it has made is passed on.
 */
export type Format = (source: Source, sections: Sections) => AsyncGenerator<number>;
