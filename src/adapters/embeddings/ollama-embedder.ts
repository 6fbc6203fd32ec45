import type { Embedder } from '../../ports/embedder.ts';
import { errorCode } from '../../util/error-code.ts';
import { createFaults } from '../../util/provider-fault.ts';
import { createBatchedEmbedder, type EmbedderSettings } from './batched-embedder.ts';
import { InputTooLong, isTooLong } from './input-too-long.ts';

/** A few at a time: on a processor a hundred take minutes, and questions of people wait behind them. */
const BATCH = { texts: 16, characters: 40_000 };
/** Longer than Ollama's own: the first question after a pause does not wait for the model to be loaded. */
const KEEP_ALIVE = '30m';

/** A model of an Ollama server. Plain requests: the npm client takes no signal for them. */
export function createOllamaEmbedder(options: {
  /** Without the provider. */
  name: string;
  /** Such as `http://127.0.0.1:11434`. */
  baseUrl: string;
  settings?: EmbedderSettings | undefined;
}): Embedder {
  const { name } = options;
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  const faults = createFaults('ollama', [new URL(baseUrl).host]);

  async function post(texts: string[], signal: AbortSignal): Promise<Response> {
    try {
      return await fetch(`${baseUrl}/api/embed`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        // A text that is too long for the model is found by its beginning, rather than not at all.
        body: JSON.stringify({ model: name, input: texts, truncate: true, keep_alive: KEEP_ALIVE }),
        signal,
      });
    } catch (error) {
      throw faults.connection(errorCode(error) ?? 'unknown');
    }
  }

  return createBatchedEmbedder({
    model: `ollama/${name}`,
    name,
    faults,
    batch: BATCH,
    settings: options.settings,
    async request(texts, signal) {
      const response = await post(texts, signal);
      const body = await response.text().catch(() => {
        throw faults.cut();
      });
      if (!response.ok) {
        if (isTooLong(response.status, body)) throw new InputTooLong();
        throw faults.status(response.status, { model: name, body, headers: Object.fromEntries(response.headers) });
      }
      const { embeddings } = readJson(body);
      if (!Array.isArray(embeddings)) throw faults.malformed();
      return embeddings;
    },
  });

  function readJson(body: string): { embeddings?: unknown } {
    try {
      return (JSON.parse(body) ?? {}) as { embeddings?: unknown };
    } catch {
      throw faults.malformed();
    }
  }
}
