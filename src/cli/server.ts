import { EXIT, Failure } from './exit-codes.ts';

type Environment = Record<string, string | undefined>;

/** Which server a command is for: as it was told, else the one that this machine would have. */
export function serverUrl(given: string | undefined, environment: Environment): string {
  if (given) return given;
  const url = environment.COLLOQUY_URL || `http://127.0.0.1:${portOf(environment)}`;
  if (/^https?:$/.test(URL.parse(url)?.protocol ?? '')) return url;
  throw new Failure(`COLLOQUY_URL "${url}" does not begin with http:// or https://.`, EXIT.usage);
}

function portOf({ PORT }: Environment): string {
  return PORT && /^\d+$/.test(PORT) && PORT !== '0' ? PORT : '4000';
}

export function apiKeyOf(given: string | undefined, environment: Environment): string | undefined {
  return given || environment.COLLOQUY_API_KEY || undefined;
}
