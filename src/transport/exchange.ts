import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request and its answer. */
export type Exchange = {
  request: IncomingMessage;
  response: ServerResponse;
  /** Tells a client that waits with its body (Expect: 100-continue) to send it. */
  proceed(): void;
  /** Whether the client waits for that. */
  isWaiting(): boolean;
};

export function createExchange(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): Exchange {
  let waiting = expectsContinue;
  return {
    request,
    response,
    proceed() {
      if (waiting) response.writeContinue();
      waiting = false;
    },
    isWaiting: () => waiting,
  };
}

export function pathOf({ url }: IncomingMessage): string {
  return (url ?? '/').split('?', 1)[0] ?? '/';
}

/** Without its parameters, in lower case. */
export function contentType({ headers }: IncomingMessage): string {
  return headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
}
