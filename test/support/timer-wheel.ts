export type WheelEntry = { cancel(): void };

type Slot = { dueTick: number; run: () => void; live: boolean };

/** One timer for thousands of paced streams: callbacks wait in slots of `tickMs`, and the timer runs only while some do. */
export function createTimerWheel(tickMs = 2, slotCount = 4096) {
  const slots: Slot[][] = Array.from({ length: slotCount }, () => []);
  const origin = performance.now();
  let timer: NodeJS.Timeout | undefined;
  let lastTick = 0;
  let waiting = 0;

  const tickOf = (time: number) => Math.floor((time - origin) / tickMs);

  function turn(): void {
    timer = undefined;
    const current = tickOf(performance.now());
    // After a long stall every slot is visited once, which is enough: what is due is found by its own tick.
    const first = Math.max(lastTick + 1, current - slotCount + 1);
    lastTick = current;
    for (let tick = first; tick <= current; tick++) {
      const index = tick % slotCount;
      const slot = slots[index];
      if (!slot || slot.length === 0) continue;
      slots[index] = [];
      for (const entry of slot) {
        if (!entry.live) continue;
        if (entry.dueTick > current) {
          slots[index].push(entry);
          continue;
        }
        entry.live = false;
        waiting--;
        entry.run();
      }
    }
    if (waiting > 0) timer ??= setTimeout(turn, tickMs);
  }

  return {
    /** Runs `run` at `time` (of `performance.now()`) or up to a tick later. */
    at(time: number, run: () => void): WheelEntry {
      if (waiting === 0) lastTick = Math.max(lastTick, tickOf(performance.now()));
      const entry: Slot = { dueTick: Math.max(tickOf(time), lastTick + 1), run, live: true };
      slots[entry.dueTick % slotCount]?.push(entry);
      waiting++;
      timer ??= setTimeout(turn, tickMs);
      return {
        cancel() {
          if (!entry.live) return;
          entry.live = false;
          waiting--;
        },
      };
    },
    stop(): void {
      clearTimeout(timer);
      timer = undefined;
      waiting = 0;
      for (const slot of slots) {
        for (const entry of slot) entry.live = false;
        slot.length = 0;
      }
    },
  };
}

export type TimerWheel = ReturnType<typeof createTimerWheel>;
