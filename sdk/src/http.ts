import { ColloquyError, errorOf, unreachable } from './errors.ts';
import type { Credential, Session } from './session.ts';
import { type Answer, type Operation, Refused } from './transport.ts';

export type Fetch = typeof globalThis.fetch;

export type HttpOptions = { url: string; fetch: Fetch; session: () => Session; timeoutMs: number };

export type RequestOptions = {
  signal?: AbortSignal | undefined;
  /** 0: as long as it takes. */
  timeoutMs?: number | undefined;
  /** For what is asked before anybody is signed in. */
  anonymous?: boolean;
};

const ACCEPT = 'application/graphql-response+json, application/json;q=0.9';

/** Queries and mutations: one request each, and a second one when the credential had to be renewed. */
export function createHttp({ url, fetch, session, timeoutMs }: HttpOptions) {
  async function send(operation: Operation, credential: Credential | null, options: RequestOptions): Promise<unknown> {
    const patience = options.timeoutMs ?? timeoutMs;
    const controller = new AbortController();
    const abort = () => controller.abort();
    const timer = patience > 0 ? setTimeout(abort, patience) : undefined;
    options.signal?.addEventListener('abort', abort);
    let response: Response;
    let text: string;
    try {
      options.signal?.throwIfAborted();
      response = await fetch(url, {
        method: 'POST',
        headers: { accept: ACCEPT, 'content-type': 'application/json', ...headersOf(credential) },
        body: JSON.stringify(operation),
        signal: controller.signal,
      });
      text = await response.text();
    } catch (error) {
      options.signal?.throwIfAborted();
      if (controller.signal.aborted)
        throw unreachable(error, `The server did not answer within ${patience / 1000} seconds.`);
      throw unreachable(error);
    } finally {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', abort);
    }
    const { data, error } = readAnswer(response, text);
    if (!error) return data;
    throw error.code === 'UNAUTHENTICATED' ? new Refused(credential, error) : error;
  }

  /** The data of the answer. Throws ColloquyError, or the reason of the signal. */
  return async function execute(operation: Operation, options: RequestOptions = {}): Promise<unknown> {
    const credential = options.anonymous ? null : await session().credential();
    try {
      return await send(operation, credential, options);
    } catch (failure) {
      if (!(failure instanceof Refused)) throw failure;
      if (options.anonymous || !(await session().renew(failure.credential))) throw failure.error;
    }
    try {
      return await send(operation, await session().credential(), options);
    } catch (failure) {
      throw failure instanceof Refused ? failure.error : failure;
    }
  };
}

export function headersOf(credential: Credential | null): Record<string, string> {
  if (!credential) return {};
  return credential.kind === 'bearer'
    ? { authorization: `Bearer ${credential.value}` }
    : { 'x-api-key': credential.value };
}

/** What is read of a response beside its text. */
export type Reply = { status: number; headers: { get(name: string): string | null } };

/** A GraphQL answer, or what a proxy in between has put in its place. */
export function readAnswer(response: Reply, text: string): { data?: unknown; error?: ColloquyError } {
  try {
    const answer = JSON.parse(text) as Answer;
    if (answer.errors) return { error: errorOf(answer.errors) };
    if ('data' in answer) return { data: answer.data };
  } catch {
    // No JSON: judged by its status below.
  }
  const { status } = response;
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  const error = new ColloquyError({
    code: codeOfStatus(status),
    message: `The server answered with the status ${status} and nothing that can be understood.`,
    retryAfterSeconds: Number.isFinite(retryAfter) ? retryAfter : undefined,
  });
  return { error };
}

function codeOfStatus(status: number): ColloquyError['code'] {
  if (status === 401) return 'UNAUTHENTICATED';
  if (status === 403) return 'FORBIDDEN';
  if (status === 404) return 'NOT_FOUND';
  if (status === 413) return 'PAYLOAD_TOO_LARGE';
  if (status === 429) return 'RATE_LIMITED';
  return status === 408 || status >= 500 ? 'UNAVAILABLE' : 'INTERNAL';
}
