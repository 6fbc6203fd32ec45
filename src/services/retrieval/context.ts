import type { Passage } from '../../ports/event-log.ts';
import { cut, storable } from '../../util/text.ts';
import type { FoundChunk } from './chunks.ts';

/** Scripts in which a character is a word, or a good part of one. */
const DENSE_SCRIPTS =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/gu;
const OTHER_SCRIPTS = /[^\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]/gu;

/** About how many tokens a text is, for models that nobody can ask: rather too many than too few. */
export function estimateTokens(text: string): number {
  const dense = text.match(DENSE_SCRIPTS)?.length ?? 0;
  const other = (text.match(OTHER_SCRIPTS)?.length ?? 0) - dense;
  return Math.ceil(dense + other / 2 + (text.length - dense - other) / 3.6);
}

/** A chunk by itself, without the white space around it. */
export function passageOf(chunk: FoundChunk): Passage {
  return trimmed(chunk, chunk.text, chunk.start);
}

/** What joining takes of the budget for a passage's number, file and page. */
const HEADER_TOKENS = 30;

/**
 * The passages that a model is told of: as many chunks, in their order, as the budget has room for, where neighbours of
 * one file and page are one passage. One that is too long for what is left is passed over for a later one that is not; the
 * first is cut.
 */
export function passagesWithin(chunks: FoundChunk[], budgetTokens: number): Passage[] {
  let left = budgetTokens;
  const taken: FoundChunk[] = [];
  for (const chunk of chunks) {
    const cost = estimateTokens(chunk.text) + HEADER_TOKENS;
    if (cost <= left) {
      taken.push(chunk);
      left -= cost;
    } else if (taken.length === 0) {
      const text = cutToTokens(chunk.text, left - HEADER_TOKENS);
      return text.trim() === '' ? [] : [trimmed(chunk, text, chunk.start)];
    }
  }
  return joinNeighbours(taken);
}

/** In the order of the best of each. */
function joinNeighbours(chunks: FoundChunk[]): Passage[] {
  const runs: FoundChunk[][] = [];
  const inText = [...chunks].sort((one, other) =>
    one.fileId === other.fileId ? one.chunk - other.chunk : one.fileId < other.fileId ? -1 : 1,
  );
  for (const chunk of inText) {
    const last = runs.at(-1)?.at(-1);
    if (last && follows(last, chunk)) runs.at(-1)?.push(chunk);
    else runs.push([chunk]);
  }
  const place = new Map(chunks.map((chunk, index) => [chunk, index]));
  const best = (run: FoundChunk[]) => Math.min(...run.map((chunk) => place.get(chunk) ?? 0));
  return runs.sort((one, other) => best(one) - best(other)).map(joined);
}

/** Not across pages: a citation names the page on which the answer stands. */
function follows(last: FoundChunk, next: FoundChunk): boolean {
  return (
    last.fileId === next.fileId && last.chunk + 1 === next.chunk && last.end === next.start && last.page === next.page
  );
}

function joined(run: FoundChunk[]): Passage {
  const [first, ...others] = run as [FoundChunk, ...FoundChunk[]];
  if (others.length === 0) return passageOf(first);
  const smallest = (ranks: (number | null)[]) => ranks.reduce((a, b) => (a === null || (b !== null && b < a) ? b : a));
  const greatest = (scores: (number | null)[]) =>
    scores.reduce((a, b) => (a === null || (b !== null && b > a) ? b : a));
  const merged: FoundChunk = {
    ...first,
    score: Math.max(...run.map(({ score }) => score)),
    lexicalRank: smallest(run.map(({ lexicalRank }) => lexicalRank)),
    denseRank: smallest(run.map(({ denseRank }) => denseRank)),
    rerankScore: greatest(run.map(({ rerankScore }) => rerankScore)),
  };
  return trimmed(merged, run.map(({ text }) => text).join(''), first.start);
}

function trimmed(chunk: FoundChunk, text: string, start: number): Passage {
  const from = text.length - text.trimStart().length;
  const bare = text.trim();
  return {
    fileId: chunk.fileId,
    fileName: storable(chunk.fileName),
    text: storable(bare),
    page: chunk.page,
    start: start + from,
    end: start + from + bare.length,
    score: chunk.score,
    denseRank: chunk.denseRank,
    lexicalRank: chunk.lexicalRank,
    rerankScore: chunk.rerankScore,
  };
}

/** Cut at a space where there is one near the end. */
function cutToTokens(text: string, tokens: number): string {
  if (tokens <= 0) return '';
  let length = text.length;
  while (length > 0 && estimateTokens(text.slice(0, length)) > tokens) length = Math.floor(length * 0.9);
  const begin = cut(text, length);
  const space = begin.search(/\s\S*$/u);
  return length < text.length && space > length / 2 ? begin.slice(0, space) : begin;
}
