import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

export type LoggerOptions = { level: string; format: 'auto' | 'pretty' | 'json' };

/** Keys whose values are never logged, wherever they stand. */
const SECRETS = ['password', 'accessToken', 'refreshToken', 'authorization', 'apiKey', 'secret'];

export function createLogger({ level, format }: LoggerOptions): Logger {
  const options = { level, redact: SECRETS.flatMap((key) => [key, `*.${key}`]) };
  const isPretty = format === 'pretty' || (format === 'auto' && process.stdout.isTTY);
  if (!isPretty) return pino(options);
  return pino(
    options,
    pretty({ colorize: process.stdout.isTTY, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss', sync: true }),
  );
}
