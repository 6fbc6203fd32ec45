import type { ChromaClient as Client } from 'chromadb';
import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen, isBrokenCircuitError } from 'cockatiel';
import { AppError } from '../../errors.ts';
import { DeadlinePassed, withDeadline } from '../../util/deadline.ts';
import type { Delay } from '../../util/delay.ts';
import { orAborted } from '../../util/or-aborted.ts';

export type ChromaBreaker = {
  /** So many questions in a row without an answer, and no more are asked. */
  failures: number;
  /** For so long; then one tries whether Chroma is back. */
  openMs: number;
};

export type ChromaCalls = {
  /**
   * Everything that is asked of Chroma in one go, which may be done twice. `impatient`: somebody waits for it, so that it
   * is not tried at all while Chroma has just been silent. Throws AppError UNAVAILABLE; the reason of `signal` when that aborts.
   */
  call<Result>(
    options: { deadlineMs: number; signal: AbortSignal | undefined; impatient?: boolean },
    work: (client: Client) => Promise<Result>,
  ): Promise<Result>;
  dispose(): void;
};

const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 100;

/** A fault of the server, not of what it was asked. */
class Silence extends Error {
  readonly error: AppError;

  constructor(error: AppError) {
    super(error.message);
    this.error = error;
  }
}

/** Calls to the server at the address that `connect` gives, each with a deadline of its own: a frozen server never answers. */
export function createChromaCalls(options: {
  connect: (signal: AbortSignal) => Promise<string>;
  delay: Delay;
  breaker: ChromaBreaker;
}): ChromaCalls {
  const { connect, delay } = options;
  const disposed = new AbortController();
  const breaker = circuitBreaker(
    // A trial that nobody waited for has proven nothing: without this it would close the breaker.
    handleWhen((error) => error instanceof Silence || (isTrial() && !(error instanceof AppError))),
    { halfOpenAfter: options.breaker.openMs, breaker: new ConsecutiveBreaker(options.breaker.failures) },
  );

  const isTrial = () => breaker.state === CircuitState.HalfOpen;

  async function attempts<Result>(signal: AbortSignal, work: (client: Client) => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      const url = await connect(signal);
      try {
        return await work(await clientFor(url, signal));
      } catch (error) {
        signal.throwIfAborted();
        if (attempt === ATTEMPTS || !isConnectionFault(error)) throw error;
        // Perhaps it is being started again, at another address.
        await delay(FIRST_PAUSE_MS * 2 ** (attempt - 1), signal);
      }
    }
  }

  async function once<Result>(
    deadlineMs: number,
    outer: AbortSignal | undefined,
    work: (client: Client) => Promise<Result>,
  ): Promise<Result> {
    const signal = outer ? AbortSignal.any([outer, disposed.signal]) : disposed.signal;
    try {
      return await withDeadline(deadlineMs, signal, (inner) => attempts(inner, work));
    } catch (error) {
      outer?.throwIfAborted();
      if (disposed.signal.aborted) throw unavailable('The server is shutting down.', true, error);
      if (error instanceof DeadlinePassed) {
        throw new Silence(unavailable(`Chroma did not answer within ${deadlineMs / 1_000} s.`, true, error));
      }
      if (isConnectionFault(error)) throw new Silence(unavailable('Chroma cannot be reached.', true, error));
      throw presentable(error);
    }
  }

  return {
    async call({ deadlineMs, signal, impatient = false }, work) {
      const run = () => once(deadlineMs, signal, work);
      try {
        return await (impatient ? orAborted(breaker.execute(run), signal) : run());
      } catch (error) {
        if (error instanceof Silence) throw error.error;
        if (isBrokenCircuitError(error)) {
          throw unavailable('Chroma has not answered several times in a row; it is left alone for a moment.', true);
        }
        throw error;
      }
    },
    dispose: () => disposed.abort(),
  };
}

/** The client takes no signal with a call, so each has a client, which is no more than an address. */
async function clientFor(url: string, signal: AbortSignal): Promise<Client> {
  // Loaded where it is used: a server without vectors never pays for it.
  const { ChromaClient } = await import('chromadb');
  const { protocol, hostname, port, username, password } = new URL(url);
  const ssl = protocol === 'https:';
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  return new ChromaClient({
    ssl,
    host: hostname,
    port: Number(port) || (ssl ? 443 : 80),
    // Given, so that the client takes nothing from variables of its own.
    tenant: 'default_tenant',
    database: 'default_database',
    ...(username && { headers: { authorization: `Basic ${credentials}` } }),
    fetchOptions: { signal },
  });
}

export function isNotFound(error: unknown): boolean {
  return nameOf(error) === 'ChromaNotFoundError';
}

function isConnectionFault(error: unknown): boolean {
  return nameOf(error) === 'ChromaConnectionError';
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

/** Without an address, which Chroma's own messages have. */
function presentable(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (/expecting embedding with dimension/.test(String(error))) {
    const message =
      'The embedding model makes vectors of another length than before: it is another model under the same name.';
    return unavailable(message, false, error);
  }
  const name = nameOf(error);
  if (name === 'ChromaAuthError' || name === 'ChromaForbiddenError') {
    return unavailable('Chroma refused the credentials in CHROMA_URL.', false, error);
  }
  const refused = name === 'ChromaClientError' || name === 'ChromaValueError';
  return unavailable(refused ? 'Chroma refused the request.' : 'Chroma failed.', !refused, error);
}

function unavailable(message: string, retryable: boolean, cause?: unknown): AppError {
  return new AppError({ code: 'UNAVAILABLE', message, retryable, cause });
}
