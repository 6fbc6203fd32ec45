import type { Delay } from './delay.ts';
import { ColloquyError, unreachable } from './errors.ts';
import type { Session } from './session.ts';
import { ConnectionLost, Refused, type StreamTransport } from './transport.ts';

export type ReconnectOptions = {
  /** How long a stream may be without a connection before it fails with UNREACHABLE. Default: two minutes. */
  patienceMs?: number;
  /** The first wait; every further one is twice as long. Default: 100. */
  firstDelayMs?: number;
  /** The longest wait. Default: 10,000. */
  maxDelayMs?: number;
};

/** Of one stream: 'lost' while it waits to come back. */
export type ConnectionState = 'connected' | 'lost';

export type RetryDependencies = {
  session: Session;
  transport: StreamTransport;
  reconnect: Required<ReconnectOptions>;
  now: () => number;
  delay: Delay;
  random: () => number;
};

/** Fresh credentials that are refused as well are not the ones that are missing. */
const MAX_REFUSALS = 2;
/** A server that fails at the same place again and again has a fault that waiting does not mend. */
const MAX_FAULTS = 3;

/** The patience of one stream. `onConnection` is told of changes; a stream that has not begun is taken to be connected. */
export function createRetry(deps: RetryDependencies, onConnection: (state: ConnectionState) => void = () => {}) {
  const { patienceMs, firstDelayMs, maxDelayMs } = deps.reconnect;
  let attempts = 0;
  let refusals = 0;
  let faults = 0;
  let disconnectedMs = 0;
  let lostAt: number | null = null;
  let state: ConnectionState = 'connected';

  function become(next: ConnectionState): void {
    if (state !== next) onConnection(next);
    state = next;
  }

  function connected(): void {
    if (lostAt !== null) disconnectedMs += deps.now() - lostAt;
    lostAt = null;
    become('connected');
  }

  return {
    /** The server is there. Patience is counted on from here when it goes again before it has said anything. */
    connected,

    /** Something has come: whatever was endured before is forgotten. */
    succeeded(): void {
      attempts = refusals = faults = disconnectedMs = 0;
      lostAt = null;
      become('connected');
    },

    /** Waits before the next attempt. Throws ColloquyError when there is to be none. `begun`: something was seen before. */
    async pause(failure: unknown, begun: boolean, signal: AbortSignal): Promise<void> {
      if (failure instanceof Refused) {
        refusals += 1;
        if (refusals > MAX_REFUSALS || !(await renew(failure, signal))) throw failure.error;
        deps.transport.reset(failure.credential);
        return;
      }
      lostAt ??= deps.now();
      const wait = Math.max(backoff(), minimumWait(failure, begun));
      const endured = disconnectedMs + deps.now() - lostAt;
      if (endured + wait > patienceMs) throw failure instanceof ColloquyError ? failure : unreachable(failure);
      attempts += 1;
      become('lost');
      await deps.delay(wait, signal);
    },
  };

  async function renew(failure: Refused, signal: AbortSignal): Promise<boolean> {
    for (;;) {
      try {
        return await deps.session.renew(failure.credential);
      } catch (error) {
        // The server went away in between: the same patience.
        if (!(error instanceof ColloquyError) || signal.aborted) throw error;
        lostAt ??= deps.now();
        const wait = Math.max(backoff(), minimumWait(error, true));
        if (disconnectedMs + deps.now() - lostAt + wait > patienceMs) throw error;
        attempts += 1;
        await deps.delay(wait, signal);
      }
    }
  }

  /** Between half of the step and all of it, so that the clients of a server that comes back do not come as one. */
  function backoff(): number {
    const step = Math.min(firstDelayMs * 2 ** attempts, maxDelayMs);
    return step / 2 + (deps.random() * step) / 2;
  }

  /** Throws what does not pass by itself. */
  function minimumWait(failure: unknown, begun: boolean): number {
    if (failure instanceof ConnectionLost) return 0;
    if (!(failure instanceof ColloquyError)) throw failure;
    const { code, retryAfterSeconds = 0 } = failure;
    if (code === 'UNREACHABLE' || code === 'UNAVAILABLE') return retryAfterSeconds * 1000;
    // Before the turn has begun it is the person who decides whether to wait.
    if (code === 'RATE_LIMITED' && begun) return retryAfterSeconds * 1000;
    faults += 1;
    if (code === 'INTERNAL' && begun && faults <= MAX_FAULTS) return 0;
    throw failure;
  }
}
