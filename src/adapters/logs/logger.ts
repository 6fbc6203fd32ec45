import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

export type LoggerOptions = {
  level: string;
  format: 'auto' | 'pretty' | 'json';
  /** In each line, where several processes write to one log. */
  name?: string | undefined;
};

/** Keys whose values are never logged, wherever they stand. */
const SECRETS = ['password', 'accessToken', 'refreshToken', 'authorization', 'apiKey', 'secret'];

export function createLogger({ level, format, name }: LoggerOptions): Logger {
  const options = { level, ...(name && { name }), redact: SECRETS.flatMap((key) => [key, `*.${key}`]) };
  const isPretty = format === 'pretty' || (format === 'auto' && process.stdout.isTTY);
  if (!isPretty) return pino(options);
  return pino(
    options,
    pretty({ colorize: process.stdout.isTTY, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss', sync: true }),
  );
}
