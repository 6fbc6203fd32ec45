/** Counts what is open, for whoever waits until nothing is. */
export type OpenCount = {
  /** Returns what says that it has closed; a second call does nothing. */
  open(): () => void;
  count(): number;
  /** Resolves when nothing is open, or after so many milliseconds. */
  whenNone(atMostMs: number): Promise<void>;
};

export function createOpenCount(): OpenCount {
  let count = 0;
  let waiting: (() => void)[] = [];
  return {
    open() {
      count += 1;
      let isOpen = true;
      return () => {
        if (!isOpen) return;
        isOpen = false;
        count -= 1;
        if (count > 0) return;
        for (const resolve of waiting.splice(0)) resolve();
      };
    },
    count: () => count,
    async whenNone(atMostMs) {
      if (count === 0) return;
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        timer = setTimeout(resolve, atMostMs);
        waiting = [...waiting, resolve];
      });
      clearTimeout(timer);
    },
  };
}
