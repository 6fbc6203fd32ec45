import type { ErrorCode } from './generated/graphql.ts';

/** The server's codes, and UNREACHABLE: no answer came, so that nobody knows whether the request was carried out. */
export type ColloquyErrorCode = ErrorCode | 'UNREACHABLE';

export type ColloquyErrorOptions = {
  code: ColloquyErrorCode;
  message: string;
  fields?: Record<string, string> | undefined;
  retryAfterSeconds?: number | undefined;
  cause?: unknown;
};

/** A request that failed. `message` is written for a person. */
export class ColloquyError extends Error {
  readonly code: ColloquyErrorCode;
  /** For BAD_USER_INPUT: input path ("input.password") → what is wrong with it. */
  readonly fields: Record<string, string>;
  /** For RATE_LIMITED and QUOTA_EXCEEDED. */
  readonly retryAfterSeconds: number | undefined;

  constructor(options: ColloquyErrorOptions) {
    super(options.message, { cause: options.cause });
    this.name = 'ColloquyError';
    this.code = options.code;
    this.fields = options.fields ?? {};
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

const CODES: Record<ErrorCode, true> = {
  BAD_USER_INPUT: true,
  BLOCKED: true,
  CONFLICT: true,
  FORBIDDEN: true,
  INTERNAL: true,
  NOT_FOUND: true,
  PAYLOAD_TOO_LARGE: true,
  PROVIDER_UNAVAILABLE: true,
  QUOTA_EXCEEDED: true,
  RATE_LIMITED: true,
  UNAUTHENTICATED: true,
  UNAVAILABLE: true,
  UNSUPPORTED_MEDIA_TYPE: true,
};

type Extensions = { code?: unknown; fields?: unknown; retryAfterSeconds?: unknown };

/** From the `errors` of a GraphQL answer: the first one, for the others follow from it most often. */
export function errorOf(errors: unknown): ColloquyError {
  const [first] = Array.isArray(errors) ? errors : [];
  const { message, extensions } = (first ?? {}) as { message?: unknown; extensions?: Extensions };
  const { code, fields, retryAfterSeconds } = extensions ?? {};
  return new ColloquyError({
    code: typeof code === 'string' && code in CODES ? (code as ErrorCode) : 'INTERNAL',
    message: typeof message === 'string' ? message : 'The server answered with an error that it did not explain.',
    fields: typeof fields === 'object' && fields !== null ? (fields as Record<string, string>) : undefined,
    retryAfterSeconds: typeof retryAfterSeconds === 'number' ? retryAfterSeconds : undefined,
    cause: first,
  });
}

export function unreachable(cause?: unknown, message = 'The server cannot be reached.'): ColloquyError {
  return new ColloquyError({ code: 'UNREACHABLE', message, cause });
}

export function unauthenticated(cause?: unknown): ColloquyError {
  return new ColloquyError({
    code: 'UNAUTHENTICATED',
    message: 'The sign-in has ended, or there was none. Sign in again.',
    cause,
  });
}
