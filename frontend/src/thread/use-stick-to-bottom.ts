import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react';

/** So near to the end counts as at the end. */
const NEAR = 64;

/** Keeps a growing text's end in view, until a person scrolls away from it. */
export function useStickToBottom(scroller: RefObject<HTMLElement | null>, content: RefObject<HTMLElement | null>) {
  const [isAtEnd, setAtEnd] = useState(true);
  const sticks = useRef(true);
  const lastTop = useRef(0);

  // Before anything is painted: messages may be there from the beginning.
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element || !content.current) return;
    const distanceToEnd = () => element.scrollHeight - element.scrollTop - element.clientHeight;
    const onScroll = () => {
      const { scrollTop } = element;
      const distance = distanceToEnd();
      // Growth moves the end away without a scroll upwards: only that is a person's, however little. What shrinks ends at
      // the end.
      if (scrollTop < lastTop.current) sticks.current = distance < 2;
      else if (distance < NEAR) sticks.current = true;
      lastTop.current = scrollTop;
      setAtEnd(distance < NEAR || sticks.current);
    };
    const observer = new ResizeObserver(() => {
      if (sticks.current) element.scrollTop = element.scrollHeight;
      else setAtEnd(distanceToEnd() < NEAR);
    });
    observer.observe(content.current);
    observer.observe(element);
    element.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', onScroll);
    };
  }, [scroller, content]);

  const toEnd = useCallback(() => {
    sticks.current = true;
    setAtEnd(true);
    if (scroller.current) scroller.current.scrollTop = scroller.current.scrollHeight;
  }, [scroller]);

  return { isAtEnd, toEnd };
}
