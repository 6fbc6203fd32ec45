import { type Client, HealthDocument } from '@colloquy/sdk';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLiveFigures, type System } from '../../../frontend/src/admin/overview/live-figures.ts';

const MINUTE_MS = 60_000;

const SYSTEM: System = {
  users: 1,
  apiKeys: 0,
  conversations: 0,
  messages: 0,
  files: 0,
  chunks: 0,
  activeTurns: 0,
  activeSubscriptions: 1,
  cpuPercent: 5,
  residentBytes: 1_000,
  eventLoopLagMs: 0,
  instances: 1,
};

/** What the page asks of a document. */
class StubDocument extends EventTarget {
  hidden = false;
  show(isShown: boolean): void {
    this.hidden = !isShown;
    this.dispatchEvent(new Event('visibilitychange'));
  }
}

let page: StubDocument;
beforeEach(() => {
  vi.useFakeTimers();
  page = new StubDocument();
  vi.stubGlobal('document', page);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A server that counts a turn at every reading, and pushes figures every two seconds. */
function startServer() {
  const server = { started: 1, turns: 0, asked: 0, listeners: 0, refuses: false };
  const client = {
    async query(document: unknown) {
      server.asked += 1;
      if (server.refuses) throw new Error('refused');
      if (document === HealthDocument) return { health: null };
      server.turns += 1;
      const metrics = [
        { name: 'process_start_time_seconds', labels: {}, value: server.started },
        { name: 'turns_total', labels: { status: 'complete' }, value: server.turns },
      ];
      const worker = { queued: 2, active: 1, completed: 0, failed: 0, retried: 0, meanSeconds: null };
      const cache = { backend: 'memory', enabled: true, entries: 0, hits: 0, misses: 0, hitRate: 0, bytes: 0 };
      return { stats: { observability: { metrics, worker, cache } } };
    },
    async *subscribe(_document: unknown, _variables: unknown, { signal }: { signal: AbortSignal }) {
      if (server.refuses) throw new Error('refused');
      server.listeners += 1;
      try {
        while (!signal.aborted) {
          yield { systemStats: SYSTEM };
          await new Promise<void>((resolve) => {
            const timer = setTimeout(resolve, 2_000);
            signal.addEventListener('abort', () => {
              clearTimeout(timer);
              resolve();
            });
          });
        }
      } finally {
        server.listeners -= 1;
      }
    },
  };
  return { server, client: client as unknown as Client };
}

test('an hour of figures takes no more room than fifteen minutes; what is not known is null, never 0', async () => {
  const { server, client } = startServer();
  const figures = createLiveFigures(client);
  const end = figures.start();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(figures.store.get().readings.map(({ figures: reading }) => reading)).toEqual([
    expect.objectContaining({ turns: null, firstTokenMean: null, queued: 2, active: 1 }),
  ]);
  await vi.advanceTimersByTimeAsync(60 * MINUTE_MS);
  const { from, now, systems, readings } = figures.store.get();
  expect(now - from).toBe(15 * MINUTE_MS);
  expect(systems.length).toBeLessThanOrEqual(15 * 30 + 1);
  expect(readings.length).toBeLessThanOrEqual(15 * 12 + 1);
  expect(systems.every(({ at }) => at >= from)).toBe(true);
  expect(readings.at(-1)?.figures).toMatchObject({ turns: 12, failed: 0, firstTokenMean: null });

  // The server begins again: its counters go back, and no rate is below 0.
  Object.assign(server, { started: 2, turns: 0 });
  await vi.advanceTimersByTimeAsync(5_000);
  expect(figures.store.get().readings.at(-1)?.figures?.turns).toBeNull();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(figures.store.get().readings.at(-1)?.figures?.turns).toBe(12);
  server.refuses = true;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(figures.store.get()).toMatchObject({ error: expect.any(Error) });
  expect(figures.store.get().readings.at(-1)?.figures).toBeNull();
  end();
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  const { asked } = server;
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(server).toMatchObject({ asked, listeners: 0 });
});

test('a page that nobody sees asks nothing and, after a minute, is told nothing, until it is seen again', async () => {
  const { server, client } = startServer();
  const figures = createLiveFigures(client);
  const end = figures.start();
  await vi.advanceTimersByTimeAsync(10_000);
  page.show(false);
  await vi.advanceTimersByTimeAsync(30_000);
  // Whoever is back soon has missed nothing that is pushed.
  expect(server.listeners).toBe(1);
  page.show(true);
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(server.listeners).toBe(1);

  page.show(false);
  await vi.advanceTimersByTimeAsync(2 * MINUTE_MS);
  expect(server.listeners).toBe(0);
  const before = { asked: server.asked, systems: figures.store.get().systems };
  await vi.advanceTimersByTimeAsync(60 * MINUTE_MS);
  expect(server.asked).toBe(before.asked);
  expect(figures.store.get().systems).toBe(before.systems);
  page.show(true);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(server.listeners).toBe(1);
  expect(server.asked).toBeGreaterThan(before.asked);
  // Nothing of before is within what is shown.
  expect(figures.store.get().systems.length).toBeLessThanOrEqual(6);
  expect(figures.store.get().readings.every(({ figures: reading }) => (reading?.turns ?? 0) >= 0)).toBe(true);
  end();
});

test('what could not be listened to is listened to again, and the fault is told until then', async () => {
  const { server, client } = startServer();
  server.refuses = true;
  const figures = createLiveFigures(client);
  const end = figures.start();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(figures.store.get().pushError).toBeInstanceOf(Error);
  server.refuses = false;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(figures.store.get()).toMatchObject({ pushError: null, error: null, system: SYSTEM });
  end();
});

test('a clock that is set back leaves no values in the future, and no rates', async () => {
  const { client } = startServer();
  const figures = createLiveFigures(client);
  const end = figures.start();
  await vi.advanceTimersByTimeAsync(5 * MINUTE_MS);
  vi.setSystemTime(Date.now() - 60 * MINUTE_MS);
  await vi.advanceTimersByTimeAsync(7_000);
  const { now, systems, readings } = figures.store.get();
  expect([...systems, ...readings].every(({ at }) => at <= now)).toBe(true);
  expect(readings.every(({ figures: reading }) => (reading?.turns ?? 0) >= 0)).toBe(true);
  end();
});
