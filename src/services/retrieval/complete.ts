import type { ChatMessage, GenerationOptions, ModelPart } from '../../ports/language-model.ts';

export type StreamModel = (
  id: string,
  request: { messages: ChatMessage[]; options: GenerationOptions; signal: AbortSignal },
) => AsyncIterable<ModelPart>;

export type CompletionRequest = {
  messages: ChatMessage[];
  options: GenerationOptions;
  /** Where an answer that runs away is ended. */
  maxCharacters: number;
  signal: AbortSignal;
};

/** Asks a chat model for one short text. */
export type Complete = (model: string, request: CompletionRequest) => Promise<string>;

export function createComplete(stream: StreamModel): Complete {
  return async (model, { messages, options, maxCharacters, signal }) => {
    const enough = new AbortController();
    let text = '';
    try {
      const parts = stream(model, { messages, options, signal: AbortSignal.any([signal, enough.signal]) });
      for await (const part of parts) {
        if (part.type === 'text-delta') text += part.text;
        if (text.length >= maxCharacters) break;
      }
    } finally {
      enough.abort('ended');
    }
    // A stream that is aborted ends without throwing.
    signal.throwIfAborted();
    return text;
  };
}
