import { PothosValidationError } from '@pothos/core';
import { GraphQLError } from 'graphql';
import { AppError, type ErrorCode } from '../errors.ts';
import { isDatabaseDown, isMissingRow } from '../util/database-errors.ts';

type Log = (error: unknown) => void;

/**
 * What the client is told of a failure: expected ones as they are, faults of the document as BAD_USER_INPUT, and
 * everything else as INTERNAL, logged and without its message.
 */
export function presentError(error: unknown, log: Log): GraphQLError {
  const original = error instanceof GraphQLError ? (error.originalError ?? error) : error;
  if (original instanceof AppError) return present(error, original.message, original.code, details(original));
  if (original instanceof PothosValidationError) return present(error, original.message, 'BAD_USER_INPUT');
  if (error instanceof GraphQLError && isRequestError(error)) {
    return present(error, error.message, codeOfStatus(error), variableFields(error.message));
  }
  if (isDatabaseDown(original)) {
    log(original);
    return present(error, 'The database does not answer. Try again in a moment.', 'UNAVAILABLE');
  }
  if (isMissingRow(original)) return present(error, 'This is not there any more.', 'NOT_FOUND');
  log(original);
  return present(error, 'Something went wrong on the server. The fault has been logged.', 'INTERNAL');
}

/** Raised by the parser, the validator or the coercion of variables: no resolver was involved. */
function isRequestError(error: GraphQLError): boolean {
  const original = error.originalError;
  return original === undefined || original === null || original instanceof GraphQLError;
}

/** What the transport itself has refused. */
function codeOfStatus({ extensions }: GraphQLError): ErrorCode {
  const { status } = (extensions.http ?? {}) as { status?: number };
  if (status === 413) return 'PAYLOAD_TOO_LARGE';
  return status === 415 ? 'UNSUPPORTED_MEDIA_TYPE' : 'BAD_USER_INPUT';
}

/** Where a variable does not fit its type, in the form of every other refusal. The executor tells it in words alone. */
function variableFields(message: string): Record<string, unknown> {
  const [, variable, path = '', fault] =
    /^Variable "\$(\w+)" has invalid value(?: at ((?:\.\w+|\[\d+\])+))?: (.*)$/s.exec(message) ?? [];
  return variable && fault ? { fields: { [variable + path.replace(/\[(\d+)\]/g, '.$1')]: fault } } : {};
}

function details(error: AppError): Record<string, unknown> {
  return {
    ...(error.fields && { fields: error.fields }),
    ...(error.retryAfterSeconds !== undefined && { retryAfterSeconds: error.retryAfterSeconds }),
  };
}

function present(error: unknown, message: string, code: ErrorCode, extensions: Record<string, unknown> = {}) {
  const located = error instanceof GraphQLError ? error : null;
  return new GraphQLError(message, {
    nodes: located?.nodes,
    source: located?.source,
    positions: located?.positions,
    path: located?.path,
    // What the transport has put there (the status of the response, say) is kept.
    extensions: { ...located?.extensions, ...extensions, code },
  });
}
