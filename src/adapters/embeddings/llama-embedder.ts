import { AppError } from '../../errors.ts';
import type { Embedder } from '../../ports/embedder.ts';
import { createFaults, ProviderFault } from '../../util/provider-fault.ts';
import { createBatchedEmbedder, type EmbedderSettings } from './batched-embedder.ts';
import { InputTooLong } from './input-too-long.ts';

/** Throws AppError, BAD_USER_INPUT for texts that are too long; the signal's reason when it aborts. */
export type EmbedHere = (name: string, texts: string[], signal: AbortSignal) => Promise<number[][]>;

/** They are computed one after the other: a small batch lets a question in between. */
const BATCH = { texts: 8, characters: 16_000 };

/** A model of a GGUF file, run on this machine. */
export function createLlamaEmbedder(options: {
  /** The name of the file. */
  name: string;
  embed: EmbedHere;
  settings?: EmbedderSettings | undefined;
}): Embedder {
  const { name, embed } = options;
  return createBatchedEmbedder({
    model: `llama-cpp/${name}`,
    name,
    faults: createFaults('llama-cpp', []),
    batch: BATCH,
    settings: options.settings,
    async request(texts, signal) {
      try {
        return await embed(name, texts, signal);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        if (error.code === 'BAD_USER_INPUT') throw new InputTooLong();
        throw new ProviderFault({ error, retry: error.retryable, counts: error.retryable });
      }
    },
  });
}
