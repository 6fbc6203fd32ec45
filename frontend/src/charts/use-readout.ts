import { type KeyboardEvent, type PointerEvent, useState } from 'react';
import { nearestIndex } from './scale.ts';

const PAGE = 10;

export type Readout = ReturnType<typeof useReadout>;

/**
 * Lets a person go through the places of a chart, with a pointer or with the keys of a slider, and read what is there.
 * `places`: where they are along the chart, ascending. `placeAt`: what is below a pointer, in CSS pixels from the left.
 */
export function useReadout(places: readonly number[], placeAt: (x: number) => number) {
  // A place and not an index: a chart that goes on moves its points.
  const [place, setPlace] = useState<number | null>(null);
  const last = places.length - 1;
  const found = place === null ? -1 : nearestIndex(places, place);
  const index = found < 0 ? null : found;

  const go = (to: number) => setPlace(places[Math.min(last, Math.max(0, to))] ?? null);

  function point(event: PointerEvent<HTMLElement>) {
    setPlace(placeAt(event.clientX - event.currentTarget.getBoundingClientRect().left));
  }

  function onKeyDown(event: KeyboardEvent<HTMLElement>) {
    const at = index ?? last;
    const to = {
      ArrowLeft: at - 1,
      ArrowDown: at - 1,
      ArrowRight: at + 1,
      ArrowUp: at + 1,
      PageDown: at - PAGE,
      PageUp: at + PAGE,
      Home: 0,
      End: last,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    go(to);
  }

  return {
    /** The one that is read; null: none is chosen. */
    index,
    last: Math.max(0, last),
    handlers: {
      onKeyDown,
      onPointerDown: point,
      onPointerMove: point,
      onPointerLeave: () => setPlace(null),
      onFocus: () => {
        if (place === null) go(last);
      },
      onBlur: () => setPlace(null),
    },
  };
}
