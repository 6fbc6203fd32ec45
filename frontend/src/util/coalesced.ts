/** Work that many ask for one after the other: what is asked for while it runs is done once, after it. It may not fail. */
export function coalesced(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  let isWanted = false;

  async function run(): Promise<void> {
    while (isWanted) {
      isWanted = false;
      await work();
    }
    running = null;
  }

  return () => {
    isWanted = true;
    running ??= run();
    return running;
  };
}
