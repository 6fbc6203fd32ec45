import { highlightLine, type Token } from './highlight-line.ts';
import { copyState, type LineParser, startState } from './line-parser.ts';

export type HighlightedLine = { text: string; tokens: readonly Token[] };
type Line = HighlightedLine & { after: unknown };
/** Lines of one part of a block of code, and the text that they are of. */
export type HighlightedPart = { source: string; lines: readonly HighlightedLine[] };

/** Above it a block is plain. */
const MOST_CHARACTERS = 200_000;
/** What is taken of a frame at a time. */
const SLICE_MS = 4;

type Schedule = (call: () => void) => () => void;

/** Later, with frames and input between. */
const afterOthers: Schedule = (call) => {
  const timer = setTimeout(call, 0);
  return () => clearTimeout(timer);
};

/**
 * Colours a block of code, part by part and each line once: a line that has not changed keeps its words while the block
 * grows below it. `onPart` is told which part has been coloured.
 */
export function createHighlighter(
  parser: LineParser,
  onPart: (index: number) => void,
  schedule: Schedule = afterOthers,
  now: () => number = () => performance.now(),
) {
  const done: { source: string; lines: Line[] }[] = [];
  let sources: readonly string[] = [];
  let next = 0;
  let cancel: (() => void) | null = null;

  function run(): void {
    cancel = null;
    const end = now() + SLICE_MS;
    while (next < sources.length) {
      highlightPart(next);
      next += 1;
      if (next < sources.length && now() >= end) {
        cancel = schedule(run);
        return;
      }
    }
  }

  function highlightPart(index: number): void {
    const source = sources[index] ?? '';
    const before = done[index];
    if (before?.source === source) return;
    const texts = source.split('\n');
    const lines: Line[] = [];
    let isSame = true;
    for (const [place, text] of texts.entries()) {
      const known = before?.lines[place];
      isSame &&= known?.text === text;
      if (isSame && known) {
        lines.push(known);
        continue;
      }
      const state = stateBefore(index, lines);
      lines.push({ text, tokens: highlightLine(parser, text, state), after: state });
    }
    done[index] = { source, lines };
    // What follows begins as this one ends.
    done.length = index + 1;
    onPart(index);
  }

  function stateBefore(index: number, lines: readonly Line[]): unknown {
    const last = lines.at(-1) ?? done[index - 1]?.lines.at(-1);
    return last ? copyState(parser, last.after) : startState(parser);
  }

  return {
    /** The text of the block as it is now. */
    update(parts: readonly string[]): void {
      const length = parts.reduce((sum, part) => sum + part.length, 0);
      if (length > MOST_CHARACTERS) return;
      let first = 0;
      while (first < parts.length && parts[first] === sources[first] && first < next) first += 1;
      sources = parts;
      next = Math.min(next, first);
      if (cancel) return;
      // What grows at its end is coloured at once, a block that is new when there is time.
      if (done.length > 0 && sources.length - next <= 2) run();
      else cancel = schedule(run);
    },
    part: (index: number): HighlightedPart | undefined => done[index],
    dispose(): void {
      cancel?.();
      cancel = null;
    },
  };
}

export type Highlighter = ReturnType<typeof createHighlighter>;
