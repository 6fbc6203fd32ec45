import type { Retrieved, TurnEvent, TurnOutcome, TurnText } from '../ports/event-log.ts';

type Kind = 'text' | 'reasoning';

/** Text of one kind from a position on. */
export type Stretch = { kind: Kind; start: number; text: string };

/** What is stored of a turn. `retrieved` null: what it is made from is still being looked up. */
export type StoredText = {
  content: string;
  reasoning: string;
  segments: number[];
  retrieved?: Retrieved | null;
};

/** Neighbouring text of one kind. `ends[i]` is the cursor after `chunks[i]`. */
type Run = { kind: Kind; start: number; offset: number; chunks: string[]; ends: number[] };

export const NOTHING_RETRIEVED: Retrieved = { citations: [], degraded: null };

/** The positions before any text: the start and the retrieval. */
const TEXT_START = 2;

/** So that a replay of a long answer yields to others, and no frame is larger than needed. In UTF-16 units. */
const MAX_EVENT_TEXT = 65_536;

/**
 * One turn as a text with positions. It only grows; whoever reads it is an integer. `take` is what makes a stream
 * resumable: the same position gives the same rest, however the text was cut into events before.
 */
export class TurnLog {
  readonly turnId: string;
  #head = 0;
  #retrieved: Retrieved = NOTHING_RETRIEVED;
  #runs: Run[] = [];
  #lengths = { text: 0, reasoning: 0 };
  #end: { messageId: string; outcome: TurnOutcome } | null = null;

  constructor(turnId: string) {
    this.turnId = turnId;
  }

  /** The log of a stored turn. Without an outcome it is one that is still being made elsewhere. */
  static fromStored(
    turnId: string,
    stored: StoredText,
    end: { messageId: string; outcome: TurnOutcome } | null,
  ): TurnLog {
    const log = new TurnLog(turnId);
    log.start();
    if (stored.retrieved === null && !end) return log;
    log.retrieved(stored.retrieved ?? NOTHING_RETRIEVED);
    log.catchUp(stored);
    if (end) log.end(end.messageId, end.outcome);
    return log;
  }

  get cursor(): number {
    return this.#head;
  }

  get ended(): boolean {
    return this.#end !== null;
  }

  start(): void {
    this.#head = Math.max(this.#head, 1);
  }

  retrieved(retrieved: Retrieved): void {
    this.#retrieved = retrieved;
    this.#head = Math.max(this.#head, TEXT_START);
  }

  append(kind: Kind, text: string): void {
    if (text === '' || this.#end) return;
    let run = this.#runs.at(-1);
    if (run?.kind !== kind) {
      run = { kind, start: this.#head, offset: this.#lengths[kind], chunks: [], ends: [] };
      this.#runs.push(run);
    }
    this.#head += text.length;
    this.#lengths[kind] += text.length;
    run.chunks.push(text);
    run.ends.push(this.#head);
  }

  /** Adds what is stored beyond the head. */
  catchUp(stored: StoredText): void {
    for (const { kind, start, text } of stretchesOf(stored)) {
      this.append(kind, text.slice(Math.min(Math.max(this.#head - start, 0), text.length)));
    }
  }

  /** The text after a position, in the order it came; neighbours of one kind are one. */
  stretches(after: number): Stretch[] {
    const found: Stretch[] = [];
    for (let index = this.#runs.length - 1; index >= 0; index--) {
      const run = this.#runs[index];
      const end = run?.ends.at(-1) ?? 0;
      if (!run || end <= after) break;
      const start = Math.max(run.start, after);
      found.push({ kind: run.kind, start, text: textAfter(run, start) });
    }
    return found.reverse();
  }

  end(messageId: string, outcome: TurnOutcome): void {
    if (this.#end) return;
    this.#end = { messageId, outcome };
    // Whatever ended it, the start and the retrieval have their positions.
    this.#head = Math.max(this.#head, TEXT_START) + 1;
  }

  /**
   * The event that follows `position`, or null when there is none yet. A reader that has seen more than was kept (its
   * server was killed before it stored the last words) gets the terminal event, whose message says what stands. Text
   * beyond `limit` is not given yet.
   */
  take(position: number, limit = Number.POSITIVE_INFINITY): TurnEvent | null {
    const { turnId } = this;
    if (position < 1 && this.#head >= 1) return { type: 'turn-started', turnId, cursor: 1 };
    if (position < TEXT_START && this.#head >= TEXT_START) {
      return { type: 'turn-retrieved', turnId, cursor: TEXT_START, retrieved: this.#retrieved };
    }
    const textEnd = this.#end ? this.#head - 1 : this.#head;
    if (position < Math.min(textEnd, limit)) return this.#takeText(position, limit);
    if (!this.#end || position === this.#head || textEnd > limit) return null;
    return { type: 'turn-ended', turnId, cursor: Math.max(this.#head, position + 1), ...this.#end };
  }

  #takeText(position: number, limit: number): TurnEvent | null {
    const run = this.#runs.findLast((candidate) => candidate.start <= position);
    const runEnd = run?.ends.at(-1);
    if (!run || runEnd === undefined) return null;
    const text = sliceRun(run, position).slice(0, limit - position);
    const cursor = position + text.length;
    if (run.kind === 'reasoning') return { type: 'turn-reasoning', turnId: this.turnId, cursor, text };
    const offset = run.offset + position - run.start;
    return { type: 'turn-delta', turnId: this.turnId, cursor, text, offset };
  }

  text(): TurnText {
    let content = '';
    let reasoning = '';
    const segments: number[] = [];
    for (const run of this.#runs) {
      const text = compact(run);
      if (run.kind === 'text') content += text;
      else reasoning += text;
      // The list begins with reasoning, so an answer that comes first is preceded by none.
      if (segments.length % 2 === (run.kind === 'text' ? 0 : 1)) segments.push(0);
      segments.push(text.length);
    }
    return { content, reasoning, segments, cursor: this.#head };
  }
}

/** What is stored of a text, in the order it came. Without segments that is reasoning, then answer. */
export function stretchesOf({ content, reasoning, segments }: Pick<StoredText, 'content' | 'reasoning' | 'segments'>) {
  const lengths = segments.length > 0 ? segments : [reasoning.length, content.length];
  const used = { text: 0, reasoning: 0 };
  let start = TEXT_START;
  return lengths.map((length, index): Stretch => {
    const kind = index % 2 === 0 ? 'reasoning' : 'text';
    const source = kind === 'text' ? content : reasoning;
    const stretch = { kind, start, text: source.slice(used[kind], used[kind] + length) } as const;
    used[kind] += length;
    start += length;
    return stretch;
  });
}

/** The run's text from `position` on, at most MAX_EVENT_TEXT of it. */
function sliceRun(run: Run, position: number): string {
  const { chunks, ends } = run;
  const last = chunks.length - 1;
  // Who keeps up wants exactly the newest chunk.
  if (position === (ends[last - 1] ?? run.start)) return bounded(chunks[last] ?? '');
  let index = firstAfter(ends, position);
  const before = ends[index - 1] ?? run.start;
  let text = (chunks[index] ?? '').slice(position - before);
  for (index += 1; index < chunks.length && text.length < MAX_EVENT_TEXT; index++) text += chunks[index];
  return bounded(text);
}

/** All of the run's text from a position of it on. */
function textAfter({ chunks, ends, start }: Run, position: number): string {
  const index = firstAfter(ends, position);
  const before = ends[index - 1] ?? start;
  return chunks
    .slice(index)
    .join('')
    .slice(position - before);
}

/** Cut so that no surrogate pair is split. */
function bounded(text: string): string {
  if (text.length <= MAX_EVENT_TEXT) return text;
  const unit = text.charCodeAt(MAX_EVENT_TEXT - 1);
  const splitsPair = unit >= 0xd800 && unit <= 0xdbff;
  return text.slice(0, splitsPair ? MAX_EVENT_TEXT - 1 : MAX_EVENT_TEXT);
}

/** Index of the first end that is greater than the position. */
function firstAfter(ends: number[], position: number): number {
  let low = 0;
  let high = ends.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ends[middle] ?? 0) > position) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Joins the chunks into one, so that a long answer does not cost an object for each of its tokens. */
function compact(run: Run): string {
  if (run.chunks.length > 1) {
    run.chunks = [run.chunks.join('')];
    run.ends = [run.ends.at(-1) ?? run.start];
  }
  return run.chunks[0] ?? '';
}
