export type Delay = (milliseconds: number, signal: AbortSignal) => Promise<void>;

/** Waits. An abort ends the wait early and is not an error, and so does a browser that is back on the network. */
export const delay: Delay = (milliseconds, signal) =>
  new Promise((resolve) => {
    const network = 'addEventListener' in globalThis ? (globalThis as unknown as EventTarget) : undefined;
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      network?.removeEventListener('online', finish);
      resolve();
    };
    const timer = setTimeout(finish, milliseconds);
    signal.addEventListener('abort', finish);
    network?.addEventListener('online', finish);
    if (signal.aborted) finish();
  });
