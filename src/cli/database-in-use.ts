import { AppError } from '../errors.ts';

/** What failed, with a way out where a server has the database to itself. */
export function explained(error: unknown, way: string): unknown {
  if (!(error instanceof AppError) || !error.message.includes('is in use by')) return error;
  const message = `${error.message}\nIf that is a running server, ${way}`;
  return new AppError({ code: error.code, message, cause: error });
}
