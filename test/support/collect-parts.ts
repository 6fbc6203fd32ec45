import { AppError } from '../../src/errors.ts';
import type { ModelPart, ModelRequest } from '../../src/ports/language-model.ts';

export type Collected = {
  text: string;
  reasoning: string;
  finish: Extract<ModelPart, { type: 'finish' }> | null;
  parts: ModelPart[];
  /** What the stream threw. */
  error: AppError | null;
};

/** A request as short as it can be. */
export function modelRequest(model: string, changes: Partial<ModelRequest> = {}): ModelRequest {
  return {
    model,
    messages: [{ role: 'user', content: 'Hello there' }],
    options: {},
    signal: new AbortController().signal,
    ...changes,
  };
}

/** Reads a stream to its end; an AppError is part of the result, anything else is thrown. */
export async function collectParts(
  stream: AsyncIterable<ModelPart>,
  onPart: (part: ModelPart) => void | Promise<void> = () => {},
): Promise<Collected> {
  const collected: Collected = { text: '', reasoning: '', finish: null, parts: [], error: null };
  try {
    for await (const part of stream) {
      collected.parts.push(part);
      if (part.type === 'text-delta') collected.text += part.text;
      else if (part.type === 'reasoning-delta') collected.reasoning += part.text;
      else collected.finish = part;
      await onPart(part);
    }
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    collected.error = error;
  }
  return collected;
}
