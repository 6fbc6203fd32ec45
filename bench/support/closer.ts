type Part = { stop(): Promise<unknown> };

/** What a run has started, to be stopped in reverse order. */
export type Closer = {
  /** Waits for a part and takes it over. One that comes after the end is stopped again. */
  started<Started extends Part>(starting: Promise<Started>): Promise<Started>;
  stop(): Promise<void>;
};

function createCloser(): Closer {
  const parts: Part[] = [];
  let closed = false;
  return {
    async started(starting) {
      const part = await starting;
      parts.push(part);
      if (!closed) return part;
      await this.stop();
      throw new Error('The run was ended while it was being prepared.');
    },
    async stop() {
      closed = true;
      for (const part of parts.splice(0).reverse()) await part.stop().catch(console.error);
    },
  };
}

/** Runs to the end or to Ctrl-C; whichever it is, nothing that was started is left. A second Ctrl-C does not wait. */
export async function runAndClose(work: (closer: Closer) => Promise<void>): Promise<void> {
  const closer = createCloser();
  let interrupted = false;
  const interrupt = () => {
    if (interrupted) process.exit(130);
    interrupted = true;
    void closer.stop();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  try {
    await work(closer);
  } catch (error) {
    // What was asked when its process ended says so.
    if (!interrupted) throw error;
  } finally {
    await closer.stop();
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
  if (interrupted) process.exitCode = 130;
}
