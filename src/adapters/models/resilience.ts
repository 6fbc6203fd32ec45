import { setTimeout as sleep } from 'node:timers/promises';
import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen, isBrokenCircuitError } from 'cockatiel';
import type { ModelPart } from '../../ports/language-model.ts';
import type { Places } from '../../util/places.ts';
import { type Faults, ProviderFault } from '../../util/provider-fault.ts';
import type { ProviderStream } from './http-stream.ts';
import type { ModelLimits } from './model-limits.ts';
import { readParts } from './part-reader.ts';

export type BreakerSettings = {
  /** So many faults in a row stop further calls. */
  failures: number;
  /** For so long; then one call tries whether the provider is back. */
  openMs: number;
};

export type Resilience = {
  /**
   * The parts of the first attempt that brings a token. Throws AppError; when `signal` aborts it ends without throwing.
   * `open` begins one attempt, which ends at `deadline` (of `performance.now()`).
   */
  stream(
    open: (attempt: { deadline: number; signal: AbortSignal }) => ProviderStream,
    signal: AbortSignal,
  ): AsyncIterable<ModelPart>;
  breakerOpen(): boolean;
};

const DEFAULT_BREAKER: BreakerSettings = { failures: 5, openMs: 10_000 };
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 8_000;
/** A provider that asks for a longer pause is not waited for: the person is told when to come back. */
const LONGEST_RETRY_AFTER_MS = 10_000;

/** The wait was ended by the caller; never leaves this file. */
class Aborted extends Error {}

/** Waits, and comes back early when `signal` aborts. */
async function delayOrAbort(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => {});
}

/** Retries before the first token, and a breaker per provider. */
export function createResilience(options: {
  faults: Faults;
  limits: ModelLimits;
  places: Places;
  breaker?: BreakerSettings | undefined;
  delay?: ((milliseconds: number, signal: AbortSignal) => Promise<void>) | undefined;
  random?: (() => number) | undefined;
}): Resilience {
  const { faults, limits, places, delay = delayOrAbort, random = Math.random } = options;
  const settings = options.breaker ?? DEFAULT_BREAKER;
  const breaker = circuitBreaker(
    handleWhen((error) => {
      if (error instanceof ProviderFault) return error.counts;
      // A trial that nobody waited for has proven nothing: without this it would close the breaker.
      return error instanceof Aborted && breaker.state === CircuitState.HalfOpen;
    }),
    { halfOpenAfter: settings.openMs, breaker: new ConsecutiveBreaker(settings.failures) },
  );
  let openedAt = 0;
  breaker.onBreak(() => {
    openedAt = Date.now();
  });

  /** One attempt up to its first part: what comes later is not tried again and does not count. */
  async function attempt(
    open: (attempt: { deadline: number; signal: AbortSignal }) => ProviderStream,
    deadline: number,
    signal: AbortSignal,
  ): Promise<ProviderStream> {
    if (signal.aborted) throw new Aborted();
    const stream = open({ deadline, signal });
    try {
      await stream.queue.ready();
    } catch (fault) {
      stream.close();
      throw fault;
    }
    if (signal.aborted) throw new Aborted();
    return stream;
  }

  /** While the breaker tries one call, others wait for its result; an abort must not wait with them. */
  async function guarded(run: () => Promise<ProviderStream>, signal: AbortSignal): Promise<ProviderStream> {
    const aborted = Promise.withResolvers<never>();
    const onAbort = () => aborted.reject(new Aborted());
    signal.addEventListener('abort', onAbort);
    try {
      return await Promise.race([breaker.execute(run), aborted.promise]);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** How long to wait before the next attempt; undefined: give up. */
  function retryDelay(fault: ProviderFault, attempts: number, deadline: number): number | undefined {
    if (!fault.retry || attempts > limits.retries) return undefined;
    if ((fault.retryAfterMs ?? 0) > LONGEST_RETRY_AFTER_MS) return undefined;
    const backoff = Math.min(FIRST_RETRY_MS * 2 ** (attempts - 1), LONGEST_RETRY_MS);
    const wait = Math.max(backoff * (0.5 + random() / 2), fault.retryAfterMs ?? 0);
    return performance.now() + wait < deadline ? wait : undefined;
  }

  /** The stream of the first attempt that brings a token; undefined when the caller left meanwhile. */
  async function begin(
    open: (attempt: { deadline: number; signal: AbortSignal }) => ProviderStream,
    signal: AbortSignal,
  ): Promise<ProviderStream | undefined> {
    const deadline = performance.now() + limits.totalMs;
    for (let attempts = 1; !signal.aborted; attempts++) {
      try {
        return await guarded(() => attempt(open, deadline, signal), signal);
      } catch (failure) {
        if (signal.aborted) return undefined;
        if (isBrokenCircuitError(failure)) throw faults.paused();
        if (!(failure instanceof ProviderFault)) throw failure;
        const wait = retryDelay(failure, attempts, deadline);
        if (wait === undefined) throw failure.error;
        await delay(wait, signal);
      }
    }
    return undefined;
  }

  /** In its turn, where the provider takes only so many at a time. */
  async function beginInTurn(open: Parameters<typeof begin>[0], signal: AbortSignal): ReturnType<typeof begin> {
    let give: (() => void) | undefined;
    try {
      give = await places.take(signal);
      const stream = await begin(open, signal);
      if (!stream) give();
      return stream && { ...stream, close: endWith(stream.close, give) };
    } catch (failure) {
      give?.();
      if (signal.aborted) return undefined;
      throw failure;
    }
  }

  return {
    stream: (open, signal) => ({
      [Symbol.asyncIterator]: () => readParts((inner) => beginInTurn(open, inner), signal),
    }),
    breakerOpen: () => breaker.state === CircuitState.Open && Date.now() - openedAt < settings.openMs,
  };
}

function endWith(close: () => void, give: () => void): () => void {
  return () => {
    close();
    give();
  };
}
