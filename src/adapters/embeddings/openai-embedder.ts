import type { Embedder } from '../../ports/embedder.ts';
import { errorCode } from '../../util/error-code.ts';
import { createFaults, type ProviderFault } from '../../util/provider-fault.ts';
import { createBatchedEmbedder, type EmbedderSettings } from './batched-embedder.ts';
import { InputTooLong, isTooLong } from './input-too-long.ts';

/** OpenAI takes 2,048 texts and 300,000 tokens at a time; a token has at least a character. */
const OFFICIAL_BATCH = { texts: 128, characters: 200_000 };
/** Others take as few as 32 texts. */
const COMPATIBLE_BATCH = { texts: 32, characters: 60_000 };
/** Further than any deadline of ours, which ends the request. */
const NEVER_MS = 2 ** 31 - 1;

/** A model of OpenAI, or of any server that speaks its embeddings API. */
export function createOpenAiEmbedder(options: {
  provider: 'openai' | 'aihub';
  /** Without the provider. */
  name: string;
  /** Such as `https://api.openai.com/v1`. */
  baseUrl: string;
  apiKey: string | null;
  settings?: EmbedderSettings | undefined;
}): Embedder {
  const { provider, name, apiKey } = options;
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  const { host, hostname } = new URL(baseUrl);
  const official = hostname === 'api.openai.com';
  const faults = createFaults(provider, [apiKey ?? '', host]);

  async function open() {
    // Loaded where it is used: a server without such a model never pays for it.
    const { default: OpenAI, APIConnectionError, APIError } = await import('openai');
    // Everything is given, so that the client takes nothing from variables of its own.
    const client = new OpenAI({
      baseURL: baseUrl,
      apiKey: apiKey ?? 'none',
      adminAPIKey: null,
      organization: null,
      project: null,
      webhookSecret: null,
      maxRetries: 0,
      timeout: NEVER_MS,
      logLevel: 'off',
      defaultHeaders: apiKey ? {} : { authorization: null },
    });
    const faultOf = (error: unknown): ProviderFault | InputTooLong => {
      if (error instanceof APIError && typeof error.status === 'number') {
        const body = JSON.stringify({ error: error.error });
        if (isTooLong(error.status, body)) return new InputTooLong();
        const headers = Object.fromEntries((error.headers as Headers | undefined) ?? []);
        return faults.status(error.status, { model: name, body, headers });
      }
      if (error instanceof APIConnectionError) return faults.connection(errorCode(error) ?? 'unknown');
      return errorCode(error) ? faults.cut() : faults.malformed();
    };
    return { client, faultOf };
  }
  let opened: ReturnType<typeof open> | undefined;

  return createBatchedEmbedder({
    model: `${provider}/${name}`,
    name,
    faults,
    batch: official ? OFFICIAL_BATCH : COMPATIBLE_BATCH,
    settings: options.settings,
    async request(texts, signal) {
      opened ??= open();
      const { client, faultOf } = await opened;
      let data: unknown;
      try {
        // Base64 is a quarter of the size, but not every server knows it.
        const encoding = official ? 'base64' : 'float';
        const answer = await client.embeddings.create(
          { model: name, input: texts, encoding_format: encoding },
          { signal },
        );
        data = answer.data;
      } catch (error) {
        throw faultOf(error);
      }
      if (!Array.isArray(data)) throw faults.malformed();
      return inOrder(data as { index?: unknown; embedding?: unknown }[]).map((item) => item?.embedding);
    },
  });
}

/** Each says which text it is of. */
function inOrder<Item extends { index?: unknown } | null>(items: Item[]): Item[] {
  return items.every((item) => typeof item?.index === 'number')
    ? items.toSorted((one, other) => Number(one?.index) - Number(other?.index))
    : items;
}
