import type { CitationFieldsFragment } from '@colloquy/sdk';
import { createContext } from 'react';
import { citedNumbers } from '../markdown/citation-marks.ts';

export type Citation = CitationFieldsFragment;
export type Passage = Citation['passage'];

/** A passage that can be opened. */
export type Source = {
  /** What it is known by on the page. */
  key: string;
  /** By which an answer cites it; null: it was found by a search. */
  number: number | null;
  passage: Passage;
};

/** The sources of one answer, the key of the one that is open, and what opens one. */
export type Citing = { sources: readonly Source[]; shown: string | null; open: (key: string) => void };

export const CitingContext = createContext<Citing>({ sources: [], shown: null, open: () => {} });

export function sourcesOf(owner: string, citations: readonly Citation[]): Source[] {
  return citations.map(({ index, passage }) => ({ key: `${owner} ${index}`, number: index, passage }));
}

/** Those that a text refers to, in the order in which it does, and the others. */
export function sortByUse(sources: readonly Source[], text: string): { cited: Source[]; others: Source[] } {
  const numbers = citedNumbers(text);
  const cited = numbers.flatMap((number) => sources.find((source) => source.number === number) ?? []);
  return { cited, others: sources.filter((source) => !cited.includes(source)) };
}
