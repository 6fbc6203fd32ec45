/** Returns when the time has passed, or the signal is aborted. */
export function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end);
  });
}

/** Returns when somebody can see the page, or the signal is aborted. */
export function untilVisible(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (document.hidden && !signal.aborted) return;
      document.removeEventListener('visibilitychange', look);
      signal.removeEventListener('abort', look);
      resolve();
    };
    document.addEventListener('visibilitychange', look);
    signal.addEventListener('abort', look);
    look();
  });
}

type Work = (signal: AbortSignal) => Promise<void>;

/** Works again and again while somebody can see the page, until the signal is aborted. */
export async function repeatWhileVisible(
  everyMs: number,
  signal: AbortSignal,
  work: Work,
  onFailure: (error: unknown) => void,
): Promise<void> {
  for (;;) {
    await untilVisible(signal);
    if (signal.aborted) return;
    try {
      await work(signal);
    } catch (error) {
      if (signal.aborted) return;
      onFailure(error);
    }
    await wait(everyMs, signal);
  }
}

/** Work without an end, which is aborted when nobody has been able to see the page for so long. */
export const untilHidden =
  (graceMs: number, work: Work): Work =>
  async (outer) => {
    const controller = new AbortController();
    const { signal } = controller;
    const end = () => controller.abort();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      clearTimeout(timer);
      if (document.hidden) timer = setTimeout(end, graceMs);
    };
    document.addEventListener('visibilitychange', look);
    outer.addEventListener('abort', end);
    if (outer.aborted) end();
    look();
    try {
      await work(signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', look);
      outer.removeEventListener('abort', end);
    }
  };
