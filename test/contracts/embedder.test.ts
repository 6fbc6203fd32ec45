import { describe, expect, it, onTestFinished } from 'vitest';
import { createOllamaEmbedder } from '../../src/adapters/embeddings/ollama-embedder.ts';
import { createOpenAiEmbedder } from '../../src/adapters/embeddings/openai-embedder.ts';
import { startScriptedEmbeddings } from '../support/scripted-embeddings.ts';
import { findFreePort } from '../support/services/free-port.ts';
import { describeEmbedder } from './embedder.ts';

describeEmbedder('Ollama', ({ origin }, settings) =>
  createOllamaEmbedder({ name: 'scripted', baseUrl: `${origin}/`, settings }),
);

describeEmbedder('OpenAI', ({ origin }, settings) =>
  createOpenAiEmbedder({ provider: 'openai', name: 'scripted', baseUrl: `${origin}/v1/`, apiKey: null, settings }),
);

describe('what each says to its provider', () => {
  it('Ollama: cut what is too long, keep the model loaded', async () => {
    const server = await startScriptedEmbeddings();
    onTestFinished(server.close);
    const embedder = createOllamaEmbedder({ name: 'nomic-embed-text', baseUrl: server.origin });
    await embedder.embed(['cats'], 'document');
    await embedder.embed(['cats'], 'query');
    expect(server.requests.map(({ body }) => body)).toEqual([
      { model: 'nomic-embed-text', input: ['search_document: cats'], truncate: true, keep_alive: '30m' },
      { model: 'nomic-embed-text', input: ['search_query: cats'], truncate: true, keep_alive: '30m' },
    ]);
    expect(embedder).toMatchObject({ model: 'ollama/nomic-embed-text', maxTokens: 2_048 });
  });

  it('OpenAI: the key, and plain numbers where nobody knows whether the server can do better', async () => {
    const server = await startScriptedEmbeddings({ apiKey: 'sk-right' });
    onTestFinished(server.close);
    const options = { provider: 'aihub', name: 'text-embedding-3-small', baseUrl: `${server.origin}/v1` } as const;
    const embedder = createOpenAiEmbedder({ ...options, apiKey: 'sk-right' });
    expect(await embedder.embed(['cats'], 'document')).toHaveLength(1);
    expect(server.requests[0]?.body).toEqual({
      model: 'text-embedding-3-small',
      input: ['cats'],
      encoding_format: 'float',
    });
    expect(embedder).toMatchObject({ model: 'aihub/text-embedding-3-small', maxTokens: 8_191 });
    for (const apiKey of ['sk-wrong', null]) {
      const refused = createOpenAiEmbedder({ ...options, apiKey }).embed(['cats'], 'document');
      await expect(refused).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE', retryable: false });
    }
    expect(server.requests.at(-1)?.headers.authorization).toBeUndefined();
  });

  it('nobody there: a connection that is refused is a fault of the provider', async () => {
    const settings = { documents: { retries: 0 } };
    const baseUrl = `http://127.0.0.1:${await findFreePort()}`;
    const ollama = createOllamaEmbedder({ name: 'a', baseUrl, settings });
    const openai = createOpenAiEmbedder({
      provider: 'openai',
      name: 'a',
      baseUrl,
      apiKey: null,
      settings,
    });
    for (const embedder of [ollama, openai]) {
      await expect(embedder.embed(['cats'], 'document')).rejects.toMatchObject({
        code: 'PROVIDER_UNAVAILABLE',
        retryable: true,
        message: expect.stringContaining('it is not running, or its address is wrong'),
      });
    }
  });
});
