import type { ChatHistoryItem, ChatWrapper, LlamaContext, LlamaGrammar, LlamaModel, Token } from 'node-llama-cpp';
import type { ChatMessage, GenerationOptions } from '../../../../ports/language-model.ts';
import type { Calls, Delta } from '../messages.ts';
import { Refusal } from '../refusal.ts';
import type { Place } from './sequences.ts';

/** Where the client does not say. */
const DEFAULTS = { temperature: 0.1, topP: 0.8, topK: 20, maxTokens: 1_024 };
/** The library begins to drop what was said first when fewer are free. */
const SPARE_TOKENS = 2;
const LEFT_TOKENS = 32;

type Parts = {
  model: LlamaModel;
  context: LlamaContext;
  wrapper: ChatWrapper;
  take: (prompt: Token[], signal: AbortSignal) => Promise<Place>;
  grammarFor: (schema: Record<string, unknown>) => Promise<LlamaGrammar>;
};

/** One answer. Throws Refusal where the prompt does not fit: it is never cut here. */
export async function generate(
  { model, context, wrapper, take, grammarFor }: Parts,
  { messages, options }: Calls['generate']['input'],
  signal: AbortSignal,
  tell: (event: Delta) => void,
): Promise<Calls['generate']['result']> {
  const history = toHistory(messages);
  const { contextText } = wrapper.generateContextState({ chatHistory: history });
  const prompt = contextText.tokenize(model.tokenizer);
  const room = context.contextSize - prompt.length - SPARE_TOKENS;
  if (room < 1) {
    throw new Refusal('too-long', `The prompt has ${prompt.length} tokens; the model takes ${context.contextSize}.`);
  }
  const grammar = options.jsonSchema && (await grammarFor(options.jsonSchema));
  const place = await take(prompt, signal);
  let completionTokens = 0;
  try {
    await evaluate(place, prompt, context.batchSize, signal);
    if (signal.aborted) return { reason: 'stop', usage: { promptTokens: prompt.length, completionTokens } };
    const { metadata } = await place.chat.generateResponse(history, {
      ...sampling(options),
      maxTokens: Math.min(options.maxTokens ?? DEFAULTS.maxTokens, room),
      customStopTriggers: options.stop ?? [],
      ...(grammar && { grammar }),
      // The default keeps a tenth of the window free, and drops the oldest turns for that.
      contextShift: { size: 1 },
      signal,
      stopOnAbortSignal: true,
      onResponseChunk({ type, text, tokens }) {
        completionTokens += tokens.length;
        if (text !== '') tell({ kind: type === 'segment' ? 'reasoning' : 'text', text });
      },
    });
    return {
      reason: metadata.stopReason === 'maxTokens' ? 'length' : 'stop',
      usage: { promptTokens: prompt.length, completionTokens },
    };
  } catch (error) {
    // What is half computed is no beginning for the next one.
    if (!signal.aborted) await place.sequence.clearHistory().catch(() => {});
    throw error;
  } finally {
    place.release();
  }
}

/** The library evaluates a whole prompt before it looks at the signal: for minutes, on a processor. So it gets slices. */
async function evaluate({ sequence }: Place, prompt: Token[], slice: number, signal: AbortSignal): Promise<void> {
  // The last ones are left to it: with them it begins the answer.
  const end = prompt.length - LEFT_TOKENS;
  if (end <= slice) return;
  await sequence.adaptStateToTokens(prompt.slice(0, end), false);
  for (let at = sequence.nextTokenIndex; at < end && !signal.aborted; at += slice) {
    await sequence.evaluateWithoutGeneratingNewTokens(prompt.slice(at, Math.min(at + slice, end)));
  }
}

function sampling({ temperature, topP, topK, seed }: GenerationOptions) {
  return {
    temperature: temperature ?? DEFAULTS.temperature,
    topP: topP ?? DEFAULTS.topP,
    topK: topK ?? DEFAULTS.topK,
    // The library's own default is the time in seconds: two at once would say the same.
    seed: seed ?? Math.floor(Math.random() * 2 ** 31),
  };
}

/** As the library wants it: it ends with the answer that is to be written. */
function toHistory(messages: ChatMessage[]): ChatHistoryItem[] {
  const items = messages.map(({ role, content }): ChatHistoryItem => {
    if (role === 'assistant') return { type: 'model', response: [content] };
    return { type: role, text: content };
  });
  return [...items, { type: 'model', response: [] }];
}
