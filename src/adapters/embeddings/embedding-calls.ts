import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen, isBrokenCircuitError } from 'cockatiel';
import { DeadlinePassed, withDeadline } from '../../util/deadline.ts';
import type { Delay } from '../../util/delay.ts';
import { orAborted } from '../../util/or-aborted.ts';
import { type Faults, ProviderFault } from '../../util/provider-fault.ts';
import { InputTooLong } from './input-too-long.ts';

export type CallLimits = {
  /** For one request; a model may have to be loaded first. */
  deadlineMs: number;
  /** Further attempts. */
  retries: number;
  /** A provider that asks for a longer pause is not waited for. */
  longestRetryAfterMs: number;
};

export type EmbeddingBreaker = {
  /** So many faults in a row stop further calls. */
  failures: number;
  /** For so long; then one call tries whether the provider is back. */
  openMs: number;
};

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 8_000;

/** Requests with a deadline, new attempts, and a breaker: whoever is dead is not waited for again and again. */
export function createEmbeddingCalls(options: {
  faults: Faults;
  breaker: EmbeddingBreaker;
  delay: Delay;
  random: () => number;
}) {
  const { faults, delay, random } = options;
  const breaker = circuitBreaker(
    // A trial that nobody waited for has proven nothing: without this it would close the breaker.
    handleWhen((error) =>
      error instanceof ProviderFault ? error.counts : isTrial() && !(error instanceof InputTooLong),
    ),
    { halfOpenAfter: options.breaker.openMs, breaker: new ConsecutiveBreaker(options.breaker.failures) },
  );
  const isTrial = () => breaker.state === CircuitState.HalfOpen;

  function retryDelay(fault: ProviderFault, attempt: number, limits: CallLimits): number | undefined {
    const retryAfterMs = fault.retryAfterMs ?? 0;
    if (!fault.retry || attempt > limits.retries || retryAfterMs > limits.longestRetryAfterMs) return undefined;
    const backoff = Math.min(FIRST_RETRY_MS * 2 ** (attempt - 1), LONGEST_RETRY_MS);
    return Math.max(backoff * (0.5 + random() / 2), retryAfterMs);
  }

  /** `request` throws ProviderFault or InputTooLong. This throws AppError, InputTooLong, or the reason of `signal`. */
  return async <Result>(
    limits: CallLimits,
    signal: AbortSignal | undefined,
    request: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> => {
    const attempt = async () => {
      try {
        return await withDeadline(limits.deadlineMs, signal, request);
      } catch (error) {
        throw error instanceof DeadlinePassed ? faults.silent(limits.deadlineMs) : error;
      }
    };
    let last: ProviderFault | undefined;
    for (let attempts = 1; ; attempts++) {
      signal?.throwIfAborted();
      try {
        return await orAborted(breaker.execute(attempt), signal);
      } catch (failure) {
        signal?.throwIfAborted();
        if (isBrokenCircuitError(failure)) throw last?.error ?? faults.paused();
        if (!(failure instanceof ProviderFault)) throw failure;
        last = failure;
        const pause = retryDelay(failure, attempts, limits);
        if (pause === undefined) throw failure.error;
        await delay(pause, signal);
      }
    }
  };
}
