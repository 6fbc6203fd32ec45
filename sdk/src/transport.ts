import type { ColloquyError } from './errors.ts';
import type { Credential } from './session.ts';

/** As it travels. */
export type Operation = { query: string; operationName: string | undefined; variables: Record<string, unknown> };

/** What a server answers to one, or to each event of a subscription. */
export type Answer = { data?: unknown; errors?: unknown };

export type StreamOptions = {
  /** Ends the stream, without an error. */
  signal: AbortSignal;
  /** Called when the server is there and has been told. */
  onOpen: () => void;
};

/**
 * A way to hold a subscription. The stream ends when the server completes it, throws ConnectionLost when the way there
 * is gone, Refused when the credential is not good (any more), and ColloquyError when the server says no.
 */
export type StreamTransport = {
  subscribe(operation: Operation, options: StreamOptions): AsyncIterable<Answer>;
  /** Makes the next stream use the credential of that time. With one: only if it is the one in use. */
  reset(refused?: Credential | null): void;
  dispose(): void;
};

export class ConnectionLost extends Error {
  constructor(cause?: unknown) {
    super('The connection to the server was lost.', { cause });
    this.name = 'ConnectionLost';
  }
}

export class Refused extends Error {
  readonly credential: Credential | null;
  readonly error: ColloquyError;

  constructor(credential: Credential | null, error: ColloquyError) {
    super(error.message);
    this.name = 'Refused';
    this.credential = credential;
    this.error = error;
  }
}
