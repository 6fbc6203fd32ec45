/** A server in memory, for clients that are given its `fetch` and its `WebSocket`. Time and faults are the test's. */
export type FakeGraph = ReturnType<typeof createFakeGraph>;

export type FakeRequest = {
  operationName: string;
  variables: Record<string, unknown>;
  authorization: string | null;
  apiKey: string | null;
};
type Responder = (request: FakeRequest) => object | Response | Promise<object | Response>;

type Message = { id: string; type: string; payload: Record<string, unknown> };
export type FakeSocketRequest = FakeRequest & {
  next(data: object): void;
  errors(...errors: object[]): void;
  complete(): void;
  /** Ends the socket, and with it all its subscriptions. */
  close(code: number): void;
};

export type FakeGraphOptions = {
  /** By the operation's name. An object is the answer's data; anything else is sent as it is. */
  answers?: Record<string, Responder>;
  /** What happens to a socket that introduces itself. Null: it is let in; else the code that it is closed with. */
  admit?: (parameters: Record<string, unknown>) => number | null;
  subscribe?: (request: FakeSocketRequest) => void;
  /** Whether the socket of this number, from 1, ever opens. */
  opens?: (socket: number) => boolean;
};

export function createFakeGraph({
  answers = {},
  admit = () => null,
  subscribe = () => {},
  opens = () => true,
}: FakeGraphOptions) {
  const requests: FakeRequest[] = [];
  const introductions: Record<string, unknown>[] = [];
  let sockets = 0;

  async function fetch(_url: string | URL | Request, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    const { operationName, variables } = JSON.parse(String(init.body));
    const request = {
      operationName,
      variables,
      authorization: headers.get('authorization'),
      apiKey: headers.get('x-api-key'),
    };
    requests.push(request);
    await Promise.resolve();
    init.signal?.throwIfAborted();
    const answer = await answers[operationName]?.(request);
    if (!answer) throw new TypeError('fetch failed');
    return answer instanceof Response ? answer : Response.json({ data: answer });
  }

  class FakeWebSocket extends EventTarget {
    static readonly CONNECTING = 0;
    static readonly OPEN = 1;
    static readonly CLOSING = 2;
    static readonly CLOSED = 3;
    readyState = 0;
    onopen: (() => void) | null = null;
    onclose: ((event: object) => void) | null = null;
    onmessage: ((event: { data: string }) => void) | null = null;
    onerror: ((event: unknown) => void) | null = null;
    #parameters: Record<string, unknown> = {};

    constructor() {
      super();
      sockets += 1;
      if (!opens(sockets)) return;
      queueMicrotask(() => {
        this.readyState = 1;
        this.onopen?.();
      });
    }

    send(text: string): void {
      const { id, type, payload } = JSON.parse(text) as Message;
      queueMicrotask(() => this.#receive(id, type, payload));
    }

    close(code = 1000): void {
      if (this.readyState === 3) return;
      this.readyState = 3;
      this.onclose?.({ code, reason: 'Closed by the test', wasClean: true });
    }

    #receive(id: string, type: string, payload: Record<string, unknown> = {}): void {
      if (type === 'connection_init') {
        introductions.push(payload);
        this.#parameters = payload;
        const code = admit(payload);
        if (code !== null) this.close(code);
        else this.#emit({ type: 'connection_ack' });
      }
      if (type !== 'subscribe') return;
      const request = {
        operationName: String(payload.operationName),
        variables: payload.variables as Record<string, unknown>,
        authorization: (this.#parameters.authorization as string) ?? null,
        apiKey: (this.#parameters.apiKey as string) ?? null,
      };
      requests.push(request);
      subscribe({
        ...request,
        next: (data) => this.#emit({ id, type: 'next', payload: { data } }),
        errors: (...errors) => this.#emit({ id, type: 'next', payload: { errors } }),
        complete: () => this.#emit({ id, type: 'complete' }),
        close: (code) => this.close(code),
      });
    }

    #emit(message: object): void {
      if (this.readyState === 1) this.onmessage?.({ data: JSON.stringify(message) });
    }
  }

  return {
    url: 'http://fake.test',
    fetch,
    webSocket: FakeWebSocket,
    requests,
    /** What each socket said of itself. */
    introductions,
    named: (name: string) => requests.filter(({ operationName }) => operationName === name),
  };
}

/** As the server answers an expected failure. */
export const failure = (code: string, more: object = {}) => ({
  message: `Failed with ${code}.`,
  extensions: { code, ...more },
});

export const refusal = (code: string, more: object = {}) => Response.json({ errors: [failure(code, more)] });
