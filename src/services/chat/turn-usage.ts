import type { FinalStatus, TurnUsage } from '../../ports/event-log.ts';

/** What a turn that has ended adds to the usage of its user. */
export type TurnCost = { promptTokens: number; completionTokens: number; firstTokenMs: number | null };

/** A cached answer costs nothing, and neither does a turn whose model has not said a word. */
export function costOf({ status, usage }: { status: FinalStatus; usage: TurnUsage }): TurnCost {
  const { promptTokens, completionTokens, firstTokenMs, cached } = usage;
  const isAnswered = status === 'COMPLETE' || completionTokens > 0;
  if (cached || !isAnswered) return { promptTokens: 0, completionTokens: 0, firstTokenMs: null };
  return { promptTokens, completionTokens, firstTokenMs };
}

/** Adds rows (user_id, day, model, turns, prompt_tokens, completion_tokens, first_token_ms_sum, first_token_count). */
export function addUsage(rows: string): string {
  return `
  INSERT INTO usage_days (user_id, day, model, turns, prompt_tokens, completion_tokens, first_token_ms_sum,
    first_token_count)
  ${rows}
  ON CONFLICT (user_id, day, model) DO UPDATE SET
    turns = usage_days.turns + excluded.turns,
    prompt_tokens = usage_days.prompt_tokens + excluded.prompt_tokens,
    completion_tokens = usage_days.completion_tokens + excluded.completion_tokens,
    first_token_ms_sum = usage_days.first_token_ms_sum + excluded.first_token_ms_sum,
    first_token_count = usage_days.first_token_count + excluded.first_token_count`;
}
