import {
  type Client,
  HealthDocument,
  type HealthQuery,
  ObservabilityDocument,
  type ObservabilityQuery,
  SystemStatsDocument,
  type SystemStatsSubscription,
} from '@colloquy/sdk';
import { createStore } from '../../util/store.ts';
import { repeatWhileVisible, untilHidden } from '../../util/wait.ts';
import { countersOf } from './counters.ts';
import { createRates, type Rates } from './rates.ts';

export type System = SystemStatsSubscription['systemStats'];
export type Observability = ObservabilityQuery['stats']['observability'];

/** `figures` null: nothing is known from here on, until the next one. */
type Entry<Figures> = { at: number; figures: Figures | null };

export type Reading = Rates & { queued: number; active: number };

export type FiguresState = {
  /** When the charts begin and end. */
  from: number;
  now: number;
  systems: readonly Entry<System>[];
  readings: readonly Entry<Reading>[];
  system: System | null;
  observability: Pick<Observability, 'worker' | 'cache'> | null;
  health: HealthQuery['health'] | null;
  /** Why there is no newer reading. */
  error: unknown;
  /** Why nothing is pushed. */
  pushError: unknown;
  /** The connection is being looked for. */
  isLost: boolean;
};

const SHOWN_MS = 15 * 60_000;
/** Shown from the beginning, so that the first values are no hair at the edge. */
const LEAST_SHOWN_MS = 2 * 60_000;
const SYSTEM_SECONDS = 2;
const READ_MS = 5_000;
const HEALTH_MS = 10_000;
/** A page that nobody has seen for so long is told nothing more. */
const HIDDEN_MS = 60_000;
/** What comes as often as that is late by several: a line across it would be made up. */
export const SYSTEM_GAP_MS = 7_000;
export const READING_GAP_MS = 21_000;

const NONE: Omit<FiguresState, 'from' | 'now'> = {
  systems: [],
  readings: [],
  system: null,
  observability: null,
  health: null,
  error: null,
  pushError: null,
  isLost: false,
};

export type LiveFigures = ReturnType<typeof createLiveFigures>;

/** How the server is doing, now and in the minutes that somebody has looked. */
export function createLiveFigures(client: Client) {
  const opened = Date.now();
  const store = createStore<FiguresState>({ ...NONE, ...shownAt(opened) });
  const rates = createRates(READING_GAP_MS);

  function shownAt(now: number): Pick<FiguresState, 'from' | 'now'> {
    return { from: Math.min(now - LEAST_SHOWN_MS, Math.max(now - SHOWN_MS, opened)), now };
  }

  function addSystem(figures: System | null): void {
    const now = Date.now();
    store.set({
      ...shownAt(now),
      systems: added(store.get().systems, { at: now, figures }),
      ...(figures && { system: figures, isLost: false, pushError: null }),
    });
  }

  function addReading(figures: Reading | null): void {
    const now = Date.now();
    store.set({ ...shownAt(now), readings: added(store.get().readings, { at: now, figures }) });
  }

  async function listen(signal: AbortSignal): Promise<void> {
    const stats = client.subscribe(
      SystemStatsDocument,
      { everySeconds: SYSTEM_SECONDS },
      {
        signal,
        endless: true,
        onReconnect: () => addSystem(null),
        onConnection: (state) => store.set({ isLost: state === 'lost' }),
      },
    );
    for await (const { systemStats } of stats) addSystem(systemStats);
  }

  async function read(signal: AbortSignal): Promise<void> {
    const { stats } = await client.query(ObservabilityDocument, {}, { signal });
    const { metrics, worker, cache } = stats.observability;
    store.set({ observability: { worker, cache }, error: null });
    const found = rates.add(Date.now(), countersOf({ metrics, worker, cache }), store.get().system?.instances ?? 1);
    // The first ones have no rates yet, and still what waits in the queue.
    if (found) addReading({ ...found, queued: worker.queued, active: worker.active });
  }

  async function readHealth(signal: AbortSignal): Promise<void> {
    const { health } = await client.query(HealthDocument, {}, { signal });
    store.set({ health });
  }

  return {
    store,
    /** Returns what ends it. */
    start(): () => void {
      const controller = new AbortController();
      const { signal } = controller;
      void repeatWhileVisible(READ_MS, signal, untilHidden(HIDDEN_MS, listen), (pushError) => {
        store.set({ pushError });
        addSystem(null);
      });
      void repeatWhileVisible(READ_MS, signal, read, (error) => {
        store.set({ error });
        addReading(null);
      });
      // That the server does not answer is told by the other one.
      void repeatWhileVisible(HEALTH_MS, signal, readHealth, () => store.set({ health: null }));
      return () => controller.abort();
    },
  };
}

/** Without what is older than is shown, and what a clock that was wrong has put into the future. */
function added<Figures>(entries: readonly Entry<Figures>[], entry: Entry<Figures>): readonly Entry<Figures>[] {
  return [...entries.filter(({ at }) => at <= entry.at && entry.at - at <= SHOWN_MS), entry];
}
