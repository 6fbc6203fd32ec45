import { type ConnectionState, createRetry, type RetryDependencies } from './retry.ts';
import { ConnectionLost } from './transport.ts';

export type LiveOptions = {
  /** Whether the stream only ends when its reader leaves: then a server that completes it is one that goes down. */
  endless: boolean;
  /** Called when the stream goes on after a gap, in which something may have been missed. */
  onReconnect?: (() => void) | undefined;
  onConnection?: ((state: ConnectionState) => void) | undefined;
};

/** Events without positions, over as many connections as it takes: what happens in between is not told again. */
export async function* followLive<Event>(
  deps: RetryDependencies,
  open: (signal: AbortSignal, onOpen: () => void) => AsyncIterable<Event>,
  { endless, onReconnect, onConnection }: LiveOptions,
  signal: AbortSignal,
): AsyncGenerator<Event> {
  const retry = createRetry(deps, onConnection);
  let opened = false;
  const onOpen = () => {
    retry.connected();
    if (opened) onReconnect?.();
    opened = true;
  };
  while (!signal.aborted) {
    try {
      for await (const event of open(signal, onOpen)) {
        retry.succeeded();
        yield event;
      }
      if (signal.aborted || !endless) return;
      throw new ConnectionLost();
    } catch (failure) {
      if (signal.aborted) return;
      await retry.pause(failure, opened, signal);
    }
  }
}
