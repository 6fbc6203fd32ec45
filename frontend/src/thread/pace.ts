/** The time of the page. */
export type PaceClock = {
  now: () => number;
  /** Calls before the next frame, `afterFrame` when that frame is on the screen. Both return what takes the call back. */
  beforeFrame: (call: () => void) => () => void;
  afterFrame: (call: () => void) => () => void;
  later: (call: () => void, milliseconds: number) => () => void;
};

/** A frame that took longer was missed by others. */
const CHEAP_MS = 16;
/** How much longer than it took the page then rests: for scrolling, typing and reading the socket. */
const REST = 3;
/** What takes more than two frames is drawn twice a second at most: one frame in twenty may be missed, not more. */
const SLOW_MS = 33;
const LONG_REST_MS = 450;

/** Draws at most once per frame; what is costly to draw, such as one very long paragraph, the more seldom the more it costs. */
export function createPace(draw: () => void, clock: PaceClock) {
  let cancel: (() => void) | null = null;
  let wanted = false;

  function schedule(): void {
    cancel = clock.beforeFrame(() => {
      const begin = clock.now();
      cancel = clock.afterFrame(() => {
        const cost = clock.now() - begin;
        if (cost > CHEAP_MS) cancel = clock.later(rested, Math.max(cost * REST, cost > SLOW_MS ? LONG_REST_MS : 0));
        else rested();
      });
      wanted = false;
      draw();
    });
  }

  function rested(): void {
    cancel = null;
    if (wanted) schedule();
  }

  return {
    /** There is something new to draw. */
    request(): void {
      wanted = true;
      if (!cancel) schedule();
    },
    stop(): void {
      cancel?.();
      wanted = false;
      cancel = null;
    },
  };
}
