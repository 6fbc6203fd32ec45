import type { ExecutionResult } from 'graphql';

type Extensions = { code?: string; fields?: Record<string, string>; [name: string]: unknown };

/** What the first error of a result says to a program; empty when there is none. */
export function failure(result: Pick<ExecutionResult, 'errors'>): Extensions {
  return (result.errors?.[0]?.extensions ?? {}) as Extensions;
}

/** Its code; undefined when the operation succeeded. */
export function codeOf(result: Pick<ExecutionResult, 'errors'>): string | undefined {
  return failure(result).code;
}
