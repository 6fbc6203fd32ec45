import { LRUCache } from 'lru-cache';
import type { RateAnswer, RateRule } from '../../ports/rate-limiter.ts';

/** What others can give of a key's points; `points` are fewer than were wanted when they are all gone. */
export type Lent = { points: number; milliseconds: number };

export type LeasesOptions = {
  /** Asks those that count together. Null from it: they do not answer. Null in its place: there are no others. */
  lend: ((rule: RateRule, key: string, wanted: number) => Promise<Lent | null>) | null;
  clock?: () => number;
};

type Window = {
  /** Points that can be spent here. */
  left: number;
  /** Points that were there to be spent here, so far. */
  had: number;
  until: number;
  /** There are no more to be had. */
  isOver: boolean;
  /** Callers that have not been answered. */
  waiting: number;
  asking: Promise<void> | null;
};

/** Keys that are remembered. Of more than these at a time, those that were asked for longest ago begin anew. */
const MAX_WINDOWS = 50_000;
/** Of a rule's points, what a process takes to spend it by itself; what it does not spend is lost with the window. */
const SHARE = 1 / 100;

const ALLOWED: RateAnswer = { allowed: true, retryAfterSeconds: 0 };

/** Points that are taken from the others some at a time, and spent here. */
export function createLeases({ lend, clock = () => performance.now() }: LeasesOptions) {
  const windows = new LRUCache<string, Window>({ max: MAX_WINDOWS });

  function windowOf(rule: RateRule, key: string): Window {
    const id = `${rule.name}:${rule.points}:${rule.seconds}:${key}`;
    const known = windows.get(id);
    if (known && (clock() < known.until || known.asking)) return known;
    const points = lend ? 0 : rule.points;
    const until = clock() + rule.seconds * 1_000;
    const window: Window = { left: points, had: points, until, isOver: !lend, waiting: 0, asking: null };
    windows.set(id, window);
    return window;
  }

  function pay(window: Window): RateAnswer | null {
    if (window.left > 0) {
      window.left -= 1;
      return ALLOWED;
    }
    if (!window.isOver) return null;
    return { allowed: false, retryAfterSeconds: Math.max(1, Math.ceil((window.until - clock()) / 1_000)) };
  }

  /** One question at a time for a key, for all who wait. */
  async function payLater(window: Window, rule: RateRule, key: string): Promise<RateAnswer> {
    window.waiting += 1;
    try {
      for (;;) {
        const answer = pay(window);
        if (answer) return answer;
        window.asking ??= ask(window, rule, key);
        await window.asking;
      }
    } finally {
      window.waiting -= 1;
    }
  }

  async function ask(window: Window, rule: RateRule, key: string): Promise<void> {
    const wanted = Math.max(window.waiting, Math.ceil(rule.points * SHARE));
    const lent = (await lend?.(rule, key, wanted)) ?? null;
    // Where the others cannot be asked, each counts by itself until the end of the window.
    const points = lent ? lent.points : Math.max(0, rule.points - window.had);
    window.left += points;
    window.had += points;
    if (lent) window.until = clock() + lent.milliseconds;
    window.isOver = !lent || points < wanted;
    window.asking = null;
  }

  /** A promise only where the others have to be asked. */
  return (rule: RateRule, key: string): RateAnswer | Promise<RateAnswer> => {
    const window = windowOf(rule, key);
    return pay(window) ?? payLater(window, rule, key);
  };
}
