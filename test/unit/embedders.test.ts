import { expect, it } from 'vitest';
import { createEmbedders } from '../../src/adapters/embeddings/embedders.ts';
import { traitsOf } from '../../src/adapters/embeddings/model-traits.ts';
import { unitVector } from '../../src/adapters/embeddings/unit-vector.ts';

const NONE = { current: null, ollama: null, openai: null, aihub: null, llama: null };
const ALL = {
  current: null,
  ollama: { baseUrl: 'http://127.0.0.1:9' },
  openai: { baseUrl: 'http://127.0.0.1:9/v1', apiKey: null },
  aihub: { baseUrl: 'http://127.0.0.1:9/v1', apiKey: 'key' },
  llama: async () => [],
};

it('makes the embedder of any model whose provider is configured, once', () => {
  const { current, embedderFor } = createEmbedders({ ...ALL, current: 'local/nomic-embed-text:latest' });
  expect(current?.model).toBe('ollama/nomic-embed-text');
  expect(embedderFor('ollama/nomic-embed-text')).toBe(current);
  expect(embedderFor('ollama/nomic-embed-text:v1.5')?.model).toBe('ollama/nomic-embed-text:v1.5');
  expect(embedderFor('openai/BAAI/bge-m3')?.model).toBe('openai/BAAI/bge-m3');
  expect(embedderFor('corporate/embed')?.model).toBe('aihub/embed');
  expect(embedderFor('llama-cpp/a.gguf')?.model).toBe('llama-cpp/a.gguf');
  expect(embedderFor('builtin/extractive')).toBeNull();
  expect(embedderFor('nonsense')).toBeNull();
  const without = createEmbedders(NONE);
  expect(without.current).toBeNull();
  expect(without.embedderFor('openai/text-embedding-3-small')).toBeNull();
});

it.each([
  ['openai/text-embedding-3-small', 'needs OPENAI_API_KEY or OPENAI_BASE_URL.'],
  ['corporate/embed', 'needs AIHUB_BASE_URL.'],
  ['llama-cpp/nomic.gguf', 'this program runs no models itself. Choose another one, such as ollama/nomic-embed-text'],
  ['builtin/extractive', 'builtin has no embedding model.'],
  ['nomic-embed-text', 'is not the name of a model, such as ollama/nomic-embed-text'],
])('does not start with EMBEDDING_MODEL=%s where that cannot be had, and says what it needs', (model, message) => {
  expect(() => createEmbedders({ ...NONE, current: model })).toThrow(message);
});

it.each([
  ['nomic-embed-text', 'search_document: ', 'search_query: '],
  ['nomic-ai/nomic-embed-text-v1.5', 'search_document: ', 'search_query: '],
  ['nomic-embed-text:137m-v1.5-fp16', 'search_document: ', 'search_query: '],
  ['intfloat/multilingual-e5-large', 'passage: ', 'query: '],
  ['jeffh/intfloat-multilingual-e5-large', '', ''],
  ['intfloat/multilingual-e5-large-instruct', '', 'Instruct: '],
  ['BAAI/bge-large-en-v1.5', '', 'Represent this sentence for searching relevant passages: '],
  ['bge-m3:567m', '', ''],
  ['mxbai-embed-large', '', 'Represent this sentence for searching relevant passages: '],
  ['snowflake-arctic-embed2', '', 'query: '],
  ['snowflake-arctic-embed:22m', '', 'Represent this sentence for searching relevant passages: '],
  ['embeddinggemma:300m', 'title: none | text: ', 'task: search result | query: '],
  ['text-embedding-3-small', '', ''],
  ['all-minilm', '', ''],
])('knows what %s wants before a text', (name, document, query) => {
  const { documentPrefix, queryPrefix } = traitsOf(name);
  expect(documentPrefix).toBe(document);
  if (query === '') expect(queryPrefix).toBe('');
  else expect(queryPrefix.startsWith(query)).toBe(true);
});

it('makes vectors of length 1, from numbers and from Base64', () => {
  expect(unitVector([3, 4])).toEqual(Float32Array.from([0.6, 0.8]));
  const base64 = Buffer.from(Float32Array.from([0, -2, 0]).buffer).toString('base64');
  expect(unitVector(base64)).toEqual(Float32Array.from([0, -1, 0]));
  expect(Math.hypot(...(unitVector([1e30, 1e30]) ?? []))).toBeCloseTo(1, 6);
  const nan = Buffer.from(Float32Array.from([Number.NaN, 1]).buffer).toString('base64');
  for (const wrong of [nan, [0, 0], [], '', 'YWJj', [1, '2'], [Number.POSITIVE_INFINITY], null, undefined, {}, 7]) {
    expect(unitVector(wrong)).toBeNull();
  }
});
