type PrismaError = { code?: unknown; meta?: unknown };

/**
 * What the database says of a unique constraint that a write broke (its columns or name, as JSON); null for any other
 * failure. By shape, not by class: Prisma reports typed (P2002) and raw (P2010) statements differently.
 */
export function uniqueViolation(error: unknown): string | null {
  return violation(error, 'P2002', '23505', 'UniqueConstraintViolation');
}

/** Whether a write named a row that is not there (any more). */
export function isForeignKeyViolation(error: unknown): boolean {
  return violation(error, 'P2003', '23503', 'ForeignKeyConstraintViolation') !== null;
}

/** Whether a row that had to be there was not: it has been deleted by somebody else meanwhile. */
export function isMissingRow(error: unknown): boolean {
  return error instanceof Error && (error as PrismaError).code === 'P2025';
}

/** Prisma's: cannot connect, took too long, connection closed, no connection free in time. */
const DOWN_CODES = ['P1001', 'P1002', 'P1008', 'P1017', 'P2024'];
/** 57P01 to 57P03: the server is shutting down, has crashed or is starting. */
const DOWN_REASONS =
  /"57P0[123]"|TooManyConnections|DatabaseNotReachable|ConnectionClosed|SocketTimeout|ECONNREFUSED|ECONNRESET|EPIPE|Connection terminated|Query read timeout|timeout exceeded when trying to connect/i;

/** Whether the database could not be reached, as opposed to having refused a statement. */
export function isDatabaseDown(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, meta } = error as PrismaError;
  if (typeof code === 'string' && DOWN_CODES.includes(code)) return true;
  return DOWN_REASONS.test(
    `${error.message} ${String(code)} ${JSON.stringify(meta ?? {})} ${String(error.cause ?? '')}`,
  );
}

function violation(error: unknown, typedCode: string, sqlState: string, kind: string): string | null {
  if (!(error instanceof Error)) return null;
  const { code, meta } = error as PrismaError;
  const detail = JSON.stringify(meta ?? {});
  if (code === typedCode) return detail;
  return code === 'P2010' && (detail.includes(sqlState) || detail.includes(kind)) ? detail : null;
}
