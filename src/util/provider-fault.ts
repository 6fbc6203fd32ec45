import { AppError } from '../errors.ts';
import { shortReason } from './short-reason.ts';

type FaultOptions = {
  error: AppError;
  /** A new attempt may succeed, as long as no token has come. */
  retry?: boolean;
  /** Says something about the provider's health, not only about this request: the breaker counts it. */
  counts?: boolean;
  retryAfterMs?: number | undefined;
};

/** A failed attempt: what the person is told, and what the retries and the breaker make of it. */
export class ProviderFault extends Error {
  readonly error: AppError;
  readonly retry: boolean;
  readonly counts: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(options: FaultOptions) {
    super(options.error.message);
    this.name = 'ProviderFault';
    this.error = options.error;
    this.retry = options.retry ?? false;
    this.counts = options.counts ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** `Retry-After` is a number of seconds or a date; `retry-after-ms` is OpenAI's finer form. */
export function readRetryAfter(headers: Record<string, unknown>, now = Date.now()): number | undefined {
  const milliseconds = Number.parseFloat(String(headers['retry-after-ms'] ?? ''));
  if (milliseconds >= 0) return milliseconds;
  const value = String(headers['retry-after'] ?? '').trim();
  if (!value) return undefined;
  const wait = /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}

const UNTRUSTED_CERTIFICATE = /CERT|TLS|SSL|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/;

function connectionReason(code: string): string {
  if (code === 'ECONNREFUSED') return 'refused the connection: it is not running, or its address is wrong';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'has a host name that cannot be found';
  if (UNTRUSTED_CERTIFICATE.test(code)) return 'has a certificate that is not trusted';
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'closed the connection without an answer';
  return 'cannot be reached';
}

/** Faults in a provider's words for people. They never carry a key, an address or more of an answer than a short reason. */
export function createFaults(provider: string, secrets: readonly string[]) {
  const unavailable = (message: string, retryable: boolean, cause?: string) =>
    new AppError({
      code: 'PROVIDER_UNAVAILABLE',
      message,
      retryable,
      ...(cause && { cause: new Error(cause) }),
    });
  const seconds = (milliseconds: number) => `${Math.round(milliseconds / 100) / 10} s`;

  return {
    /** An HTTP status other than success, or the like inside a stream. */
    status(
      status: number,
      details: { model?: string; body?: string; headers?: Record<string, unknown> } = {},
    ): ProviderFault {
      const { model, body = '', headers = {} } = details;
      const reason = shortReason(body, secrets);
      const cause = `HTTP ${status}${reason ? `: ${reason}` : ''}`;
      if (status === 401 || status === 403) {
        return new ProviderFault({
          error: unavailable(`The provider ${provider} refused the server's credentials.`, false, `HTTP ${status}`),
        });
      }
      if (status === 402) {
        const message = `The provider ${provider} refused to answer: the account there has no credit left.`;
        return new ProviderFault({ error: unavailable(message, false, cause) });
      }
      if (status === 404 || (status === 400 && body.includes('model_not_found'))) {
        const message =
          model === undefined
            ? `The provider ${provider} does not know the address it was asked at: its base URL may be wrong.`
            : `${provider} has no model "${model}".`;
        return new ProviderFault({ error: unavailable(message, false, cause) });
      }
      if (status === 429) {
        const retryAfterMs = readRetryAfter(headers);
        // An account without credit answers 429 too, and stays so however long one waits.
        const exhausted = body.includes('insufficient_quota');
        const error = new AppError({
          code: 'RATE_LIMITED',
          message: exhausted
            ? `The provider ${provider} refused to answer: the account's quota there is used up.`
            : `The provider ${provider} is taking no more requests at the moment.`,
          retryable: !exhausted,
          ...(retryAfterMs !== undefined && { retryAfterSeconds: Math.ceil(retryAfterMs / 1000) }),
          cause: new Error(cause),
        });
        return new ProviderFault({ error, retry: !exhausted, retryAfterMs });
      }
      if (status === 408 || status === 409 || status >= 500) {
        const error = unavailable(`The provider ${provider} failed (HTTP ${status}).`, true, cause);
        return new ProviderFault({ error, retry: true, counts: true, retryAfterMs: readRetryAfter(headers) });
      }
      if (status >= 400) {
        const message = `The provider ${provider} refused the request${reason ? `: ${reason}` : '.'}`;
        const error = new AppError({ code: 'BAD_USER_INPUT', message, cause: new Error(cause) });
        return new ProviderFault({ error });
      }
      const message = `The provider ${provider} answered HTTP ${status} where a stream was expected: its base URL may be wrong.`;
      return new ProviderFault({ error: unavailable(message, false, cause) });
    },

    /** No connection, or one that broke before the answer began. */
    connection(code: string): ProviderFault {
      const untrusted = UNTRUSTED_CERTIFICATE.test(code);
      const error = unavailable(`The provider ${provider} ${connectionReason(code)}.`, !untrusted, code);
      return new ProviderFault({ error, retry: !untrusted, counts: true });
    },

    connectTimeout(limitMs: number): ProviderFault {
      const error = unavailable(`The provider ${provider} did not accept a connection for ${seconds(limitMs)}.`, true);
      return new ProviderFault({ error, retry: true, counts: true });
    },

    /** Not tried again: the person has waited long enough. */
    silent(limitMs: number): ProviderFault {
      return new ProviderFault({
        error: unavailable(`The model sent nothing for ${seconds(limitMs)}.`, true),
        counts: true,
      });
    },

    tooLong(limitMs: number): ProviderFault {
      const message = `The model did not finish within ${seconds(limitMs)}.`;
      return new ProviderFault({ error: unavailable(message, true) });
    },

    cut(): ProviderFault {
      const message = `The provider ${provider} broke the connection in the middle of the answer.`;
      return new ProviderFault({ error: unavailable(message, true), retry: true, counts: true });
    },

    malformed(): ProviderFault {
      const message = `The provider ${provider} sent an answer that cannot be read.`;
      return new ProviderFault({ error: unavailable(message, true), retry: true, counts: true });
    },

    /** Something that is no model's API at all, such as a web page. */
    notAnApi(): ProviderFault {
      const message = `The provider ${provider} answered with a page instead of a stream: its base URL may be wrong.`;
      return new ProviderFault({ error: unavailable(message, false) });
    },

    /** An error that the provider reports inside a stream that began well. */
    reported(body: string): ProviderFault {
      const reason = shortReason(body, secrets);
      const message = `The provider ${provider} failed in the middle of the answer.`;
      return new ProviderFault({ error: unavailable(message, true, reason), retry: true, counts: true });
    },

    filtered(): ProviderFault {
      const message = `The content filter of the provider ${provider} ended the answer.`;
      return new ProviderFault({ error: new AppError({ code: 'BLOCKED', message }) });
    },

    paused(): AppError {
      return unavailable(
        `The provider ${provider} failed several times in a row; it is left alone for a moment.`,
        true,
      );
    },
  };
}

export type Faults = ReturnType<typeof createFaults>;
