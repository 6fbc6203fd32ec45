import { formatNumber } from '../texts/language.ts';
import { texts } from '../texts/texts.ts';
import { modelName } from './model-names.ts';
import type { ThreadMessage } from './thread-message.ts';

type Usage = NonNullable<ThreadMessage['usage']>;

/** Which model made an answer, and what it took. */
export function AnswerDetails({ message }: { message: ThreadMessage }) {
  const { model, modelVersion, usage } = message;
  if (model === null) return null;
  const words = texts.details;
  const facts = [
    modelName(model),
    modelVersion,
    usage && tokensOf(usage),
    usage && words.seconds(formatNumber(usage.durationMs / 1_000, 1)),
  ];
  return <small title={usage ? titleOf(model, usage) : model}>{facts.filter(Boolean).join(' · ')}</small>;
}

function tokensOf({ cached, completionTokens }: Usage): string | null {
  if (cached) return texts.details.cached;
  return completionTokens > 0 ? texts.details.tokens(completionTokens) : null;
}

function titleOf(model: string, usage: Usage): string {
  const { promptTokens, completionTokens, firstTokenMs } = usage;
  const tokens = texts.details.allTokens(promptTokens, completionTokens);
  if (firstTokenMs === null) return `${model}\n${tokens}`;
  return `${model}\n${tokens}\n${texts.details.firstToken(formatNumber(firstTokenMs / 1_000, 2))}`;
}
