/** What a look at a part has found. `advice` is what to do about it. */
export type Finding = { part: string; state: 'ok' | 'warn' | 'fail'; message: string; advice: string | null };

export type Look = (part: string) => Promise<Finding[]>;

export const ok = (part: string, message: string): Finding => ({ part, state: 'ok', message, advice: null });

export const warn = (part: string, message: string, advice: string): Finding => ({
  part,
  state: 'warn',
  message,
  advice,
});

export const fail = (part: string, message: string, advice: string): Finding => ({
  part,
  state: 'fail',
  message,
  advice,
});

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
