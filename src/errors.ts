/** Every code that a failure may carry, in `extensions.code` or in a turn's error. */
export const ERROR_CODES = [
  'BAD_USER_INPUT',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NOT_FOUND',
  'CONFLICT',
  'RATE_LIMITED',
  'QUOTA_EXCEEDED',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'BLOCKED',
  'PROVIDER_UNAVAILABLE',
  'UNAVAILABLE',
  'INTERNAL',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export type AppErrorOptions = {
  code: ErrorCode;
  /** For a person: what went wrong and what can be done. Never holds a secret or an internal address. */
  message: string;
  /** For BAD_USER_INPUT: input path ("input.password") → what is wrong with it. */
  fields?: Record<string, string>;
  /** Whether the same request may succeed later without a change. */
  retryable?: boolean;
  /** For RATE_LIMITED and QUOTA_EXCEEDED, in whole seconds. */
  retryAfterSeconds?: number;
  cause?: unknown;
};

/** An expected failure. Whatever else is thrown reaches the client as INTERNAL, without its message. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly fields: Record<string, string> | undefined;
  readonly retryable: boolean;
  readonly retryAfterSeconds: number | undefined;

  constructor(options: AppErrorOptions) {
    super(options.message, { cause: options.cause });
    this.name = 'AppError';
    this.code = options.code;
    this.fields = options.fields;
    this.retryable = options.retryable ?? false;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** One answer for what does not exist and for what is another's, so that nobody can tell them apart. */
export function notFound(what: string): AppError {
  return new AppError({ code: 'NOT_FOUND', message: `No such ${what}.` });
}

/** Of a file that was there when its bytes came a second time. */
export function deletedMeanwhile(): AppError {
  const message = 'The same file was deleted at this moment. Upload it again.';
  return new AppError({ code: 'CONFLICT', message, retryable: true });
}

export function badInput(fields: Record<string, string>, message?: string): AppError {
  return new AppError({ code: 'BAD_USER_INPUT', message: message ?? Object.values(fields).join(' '), fields });
}
