import type { ModelRequest } from '../../../ports/language-model.ts';
import { type Faults, ProviderFault } from '../../../util/provider-fault.ts';
import type { ProviderStream } from '../http-stream.ts';
import type { ModelLimits } from '../model-limits.ts';
import { PartQueue } from '../part-queue.ts';
import { toAppError, type Use } from './loaded-models.ts';

/**
 * An answer of a model in a process of this machine: waits until it is loaded and has a place, then begins. Undefined:
 * whoever asked has left. Throws AppError or ProviderFault.
 */
export async function openLlamaStream(options: {
  request: ModelRequest;
  signal: AbortSignal;
  limits: Pick<ModelLimits, 'firstTokenMs' | 'idleMs' | 'totalMs'>;
  faults: Faults;
  use: (signal: AbortSignal) => Promise<Use>;
}): Promise<ProviderStream | undefined> {
  const { request, signal, limits, faults } = options;
  const { model, messages, options: generation } = request;
  if (signal.aborted) return undefined;
  const late = new AbortController();
  const timer = setTimeout(() => late.abort('late'), limits.totalMs);
  const waits = AbortSignal.any([signal, late.signal]);
  let inUse: Use | undefined;
  try {
    inUse = await options.use(waits);
    const give = await inUse.places.take(waits);
    const release = inUse.release;
    return begin(inUse, () => {
      give();
      release();
    });
  } catch (error) {
    inUse?.release();
    if (signal.aborted) return undefined;
    if (late.signal.aborted) throw faults.tooLong(limits.totalMs);
    throw error instanceof ProviderFault ? error : toAppError(error, model);
  } finally {
    clearTimeout(timer);
  }

  function begin({ runner }: Use, free: () => void): ProviderStream {
    const queue = new PartQueue();
    const ended = new AbortController();
    const onAbort = () => ended.abort('left');
    signal.addEventListener('abort', onAbort, { once: true });
    let lastSign = performance.now();
    const deadline = lastSign + limits.totalMs;
    let limit = limits.firstTokenMs;
    let timer: NodeJS.Timeout | undefined;
    watch();

    runner
      .call(
        'generate',
        { messages, options: generation },
        {
          signal: ended.signal,
          onEvent({ kind, text }) {
            lastSign = performance.now();
            limit = limits.idleMs;
            queue.add(kind === 'text' ? 'text-delta' : 'reasoning-delta', text);
          },
        },
      )
      .then(
        ({ reason, usage }) => queue.finish(reason, usage),
        (error: unknown) => queue.fail(ended.signal.aborted ? new Error('left') : (toAppError(error, model) as Error)),
      )
      .finally(close);

    /** One timer for all limits, armed again where it finds that there is time left. */
    function watch(): void {
      timer = setTimeout(
        () => {
          const now = performance.now();
          if (now >= deadline) return fail(faults.tooLong(limits.totalMs));
          if (now >= lastSign + limit) return fail(faults.silent(limit));
          watch();
        },
        Math.max(1, Math.ceil(Math.min(lastSign + limit, deadline) - performance.now())),
      );
    }

    function fail(fault: ProviderFault): void {
      queue.fail(fault);
      close();
    }

    function close(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      ended.abort('left');
      free();
    }

    return { queue, taken() {}, close };
  }
}
