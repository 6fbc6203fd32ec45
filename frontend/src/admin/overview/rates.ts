import { type Counters, type Increase, increaseOf, meanOf, quantileOf, sumOf } from './counters.ts';

/** Per minute, over the last minute. Null: not known, or there was none. */
export type Rates = {
  turns: number | null;
  failed: number | null;
  promptTokens: number | null;
  completionTokens: number | null;
  hits: number | null;
  misses: number | null;
  firstTokenMean: number | null;
  firstTokenP95: number | null;
};

export const NO_RATES: Rates = {
  turns: null,
  failed: null,
  promptTokens: null,
  completionTokens: null,
  hits: null,
  misses: null,
  firstTokenMean: null,
  firstTokenP95: null,
};

const WINDOW_MS = 60_000;
/** Of several servers behind one address: so many others in a row, and the one that was followed is taken for gone. */
const MOST_OTHERS = 4;

/**
 * Rates out of readings of counters. They are those of one process: of several that answer in turn the first one is
 * followed, for a line through them all would jump. `maxGapMs`: nothing is said about a longer time without a reading.
 */
export function createRates(maxGapMs: number) {
  let last: { at: number; counters: Counters } | null = null;
  let window: { at: number; ms: number; increase: Increase }[] = [];
  let others = 0;

  function begin(at: number, counters: Counters): Rates {
    last = { at, counters };
    window = [];
    others = 0;
    return NO_RATES;
  }

  return {
    /** Undefined: it is of another server than the one that is followed. `servers`: how many there are. */
    add(at: number, counters: Counters, servers: number): Rates | undefined {
      if (!last) return begin(at, counters);
      if (last.counters.process !== counters.process && servers > 1) {
        others += 1;
        if (others < MOST_OTHERS) return undefined;
      }
      // Also where the clock of this machine has been set back.
      const isNext = at > last.at && at - last.at <= maxGapMs;
      const increase = isNext ? increaseOf(last.counters, counters) : null;
      if (!increase) return begin(at, counters);
      window.push({ at, ms: at - last.at, increase });
      window = window.filter((entry) => at - entry.at < WINDOW_MS);
      last = { at, counters };
      others = 0;
      return ratesOf(
        sumOf(window.map((entry) => entry.increase)),
        window.reduce((sum, { ms }) => sum + ms, 0),
      );
    },
  };
}

function ratesOf(increase: Increase, ms: number): Rates {
  const perMinute = (amount: number) => (amount * 60_000) / ms;
  return {
    turns: perMinute(increase.turns),
    failed: perMinute(increase.failed),
    promptTokens: perMinute(increase.promptTokens),
    completionTokens: perMinute(increase.completionTokens),
    hits: perMinute(increase.hits),
    misses: perMinute(increase.misses),
    firstTokenMean: meanOf(increase.firstTokens),
    firstTokenP95: quantileOf(increase.firstTokens, 0.95),
  };
}
