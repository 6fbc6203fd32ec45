import type { ModelPart } from '../../ports/language-model.ts';
import { ProviderFault } from '../../util/provider-fault.ts';
import type { ProviderStream } from './http-stream.ts';

const END: IteratorResult<ModelPart> = { value: undefined, done: true };

/**
 * The parts of a stream that `begin` opens. Written out, not as a generator: a generator's `return` would wait for the
 * token that is pending, and each of its yields costs several turns of the queue of promises, for every token.
 */
export function readParts(
  begin: (signal: AbortSignal) => Promise<ProviderStream | undefined>,
  outer: AbortSignal,
): AsyncIterator<ModelPart> {
  const left = new AbortController();
  const signal = AbortSignal.any([outer, left.signal]);
  let stream: ProviderStream | undefined;
  let over = false;
  // Heard once instead of asked for every part.
  const onAbort = () => finish();
  if (signal.aborted) over = true;
  else signal.addEventListener('abort', onAbort, { once: true });

  function finish(): IteratorResult<ModelPart> {
    over = true;
    signal.removeEventListener('abort', onAbort);
    // Wakes a read that is pending.
    stream?.queue.cancel();
    stream?.close();
    return END;
  }

  async function next(): Promise<IteratorResult<ModelPart>> {
    if (over) return END;
    try {
      if (!stream) {
        stream = await begin(signal);
        if (!stream || over) return finish();
      }
      const part = await stream.queue.next();
      if (!part || over) return finish();
      stream.taken();
      return { value: part, done: false };
    } catch (failure) {
      const wasOver = over;
      finish();
      if (wasOver) return END;
      throw failure instanceof ProviderFault ? failure.error : failure;
    }
  }

  return {
    next,
    async return() {
      // With a reason: the default one is an error with a stack.
      left.abort('left');
      return finish();
    },
  };
}
