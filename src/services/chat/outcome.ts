import type { ErrorCode } from '../../errors.ts';
import type { Message } from '../../generated/prisma/client.ts';
import type { FinalStatus, TurnOutcome, TurnUsage } from '../../ports/event-log.ts';

/** How the turn that made this message ended; null while it is still being made. */
export function outcomeOf(message: Message): TurnOutcome | null {
  if (message.status === 'GENERATING') return null;
  return {
    status: message.status satisfies FinalStatus,
    finishReason: message.finishReason ?? 'STOP',
    usage: usageOf(message) ?? {
      promptTokens: 0,
      completionTokens: 0,
      firstTokenMs: null,
      durationMs: 0,
      cached: false,
    },
    error: errorOf(message),
  };
}

/** Null for a message that no model was asked for. */
export function usageOf(
  message: Pick<Message, 'promptTokens' | 'completionTokens' | 'firstTokenMs' | 'durationMs' | 'cached'>,
): TurnUsage | null {
  if (message.promptTokens === null || message.completionTokens === null) return null;
  const { promptTokens, completionTokens, firstTokenMs, cached } = message;
  return { promptTokens, completionTokens, firstTokenMs, durationMs: message.durationMs ?? 0, cached };
}

export function errorOf(message: Pick<Message, 'errorCode' | 'errorMessage' | 'errorRetryable'>) {
  if (message.errorCode === null) return null;
  return {
    code: message.errorCode as ErrorCode,
    message: message.errorMessage ?? '',
    retryable: message.errorRetryable ?? false,
  };
}
