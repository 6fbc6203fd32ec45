import { Ollama, type ShowResponse } from 'ollama';
import type { ModelInfo } from '../../ports/language-model.ts';
import { errorCode } from '../../util/error-code.ts';
import type { Faults } from '../../util/provider-fault.ts';

/** `/api/show` is asked for so many models; the others are listed without a context window. */
const MOST_SHOWN = 24;
const SHOWN_AT_ONCE = 4;
const MOST_MODELS = 2_000;
const MOST_REMEMBERED = 512;
const EMBEDDING_FAMILY = /bert|embed/i;
const EMBEDDING_NAME = /embed|minilm|(^|\/)(bge|gte|e5)-/i;

type Shown = { contextWindow: number | null; embedding: boolean | null };

class HttpStatus extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`HTTP ${status}`);
    this.status = status;
  }
}

function readShow({ model_info, capabilities }: Partial<ShowResponse>): Shown {
  // The client's types call this a Map; it is the plain object of the JSON.
  const entries = Object.entries((model_info ?? {}) as unknown as Record<string, unknown>);
  const length = entries.find(([key]) => key.endsWith('.context_length'))?.[1];
  return {
    contextWindow: typeof length === 'number' && length > 0 ? length : null,
    embedding: Array.isArray(capabilities) ? capabilities.includes('embedding') : null,
  };
}

/** Lists what an Ollama server has, and remembers what it has learnt of each model, by the digest of its bytes. */
export function createOllamaLister(options: { baseUrl: string; faults: Faults; timeoutMs: number }) {
  const { baseUrl, faults, timeoutMs } = options;
  const remembered = new Map<string, Shown>();

  /** The client takes no signal for these calls, and writes to the console on errors: its `fetch` sees to both. */
  const clientFor = (signal: AbortSignal) =>
    new Ollama({
      host: baseUrl,
      fetch: async (input, init) => {
        const response = await fetch(input, { ...init, signal });
        if (!response.ok) {
          await response.body?.cancel();
          throw new HttpStatus(response.status);
        }
        return response;
      },
    });

  async function show(client: Ollama, model: string, digest: string): Promise<Shown> {
    const known = remembered.get(digest);
    if (known) return known;
    const shown = readShow(await client.show({ model }));
    if (remembered.size >= MOST_REMEMBERED) remembered.clear();
    remembered.set(digest, shown);
    return shown;
  }

  /** Throws AppError; on abort the signal's reason. */
  return async function listModels(signal: AbortSignal): Promise<ModelInfo[]> {
    signal.throwIfAborted();
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const client = clientFor(deadline);
    let models: Awaited<ReturnType<Ollama['list']>>['models'];
    try {
      models = (await client.list()).models;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof HttpStatus) throw faults.status(error.status).error;
      if (deadline.aborted) throw faults.connectTimeout(timeoutMs).error;
      const code = errorCode(error);
      throw (code ? faults.connection(code) : faults.malformed()).error;
    }
    if (!Array.isArray(models)) throw faults.malformed().error;
    const listed = models.filter((model) => typeof model?.name === 'string').slice(0, MOST_MODELS);
    const details: (Shown | undefined)[] = [];
    let next = 0;
    // What cannot be learnt is left open: a list without context windows is better than none.
    const worker = async () => {
      while (next < Math.min(listed.length, MOST_SHOWN) && !deadline.aborted) {
        const index = next++;
        const model = listed[index];
        if (model) details[index] = await show(client, model.name, model.digest ?? model.name).catch(() => undefined);
      }
    };
    await Promise.all(Array.from({ length: SHOWN_AT_ONCE }, worker));
    signal.throwIfAborted();
    return listed.map((model, index) => {
      const family = model.details?.family ?? '';
      return {
        name: model.name,
        contextWindow: details[index]?.contextWindow ?? null,
        sizeBytes: model.size > 0 ? model.size : null,
        quantization: model.details?.quantization_level || null,
        embedding: details[index]?.embedding ?? (EMBEDDING_FAMILY.test(family) || EMBEDDING_NAME.test(model.name)),
      };
    });
  };
}
