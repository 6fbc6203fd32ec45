import type { ExecutionResult } from 'graphql';
import type { WebSocket } from 'ws';
import { createFrameRenderer, isHot } from './delta-selection.ts';
import type { OpenSubscription } from './subscription.ts';

/** Bytes that may wait in a socket before its events wait in the log, where neighbouring text is joined. */
const MAX_BUFFERED_BYTES = 16_384;

/**
 * The results of a subscription for graphql-ws, which sends what this yields. Text events, which are nearly all, are
 * not yielded but written to the socket as ready frames, in order: graphql-ws asks for the next result only when the
 * one before is sent.
 */
export function streamToSocket(
  { source, selection, execute }: OpenSubscription,
  socket: WebSocket,
  operationId: string,
  onError: (error: unknown) => ExecutionResult,
  onEnd: () => void,
): AsyncIterableIterator<ExecutionResult> {
  const render = selection && createFrameRenderer(selection, operationId);
  let ended = false;
  const end = () => {
    ended = true;
    onEnd();
  };

  const results: AsyncIterableIterator<ExecutionResult> = {
    async next() {
      try {
        while (!ended) {
          const { value, done } = await source.next();
          if (done || ended) break;
          if (!render || !isHot(value)) return { value: await execute(value), done: false };
          const written = write(socket, render(value));
          if (written) await written;
        }
      } catch (error) {
        // Thrown on, it would close the socket, and with it every other operation.
        if (ended) return { value: undefined, done: true };
        end();
        return { value: onError(error), done: false };
      }
      end();
      return { value: undefined, done: true };
    },
    async return() {
      end();
      await source.return?.();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]: () => results,
  };
  return results;
}

/** Sends a frame. A promise when the reader is behind: it settles when the frame has left, or the socket has closed. */
function write(socket: WebSocket, frame: string): Promise<void> | null {
  if (socket.readyState !== socket.OPEN) return null;
  if (socket.bufferedAmount < MAX_BUFFERED_BYTES) {
    socket.send(frame);
    return null;
  }
  return new Promise((resolve) => {
    // An error means that the socket is closing; whoever waits for it is told by its `close`.
    socket.send(frame, () => resolve());
  });
}
