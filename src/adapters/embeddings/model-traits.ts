/** What a model wants to be told with a text, and how much it takes. */
export type ModelTraits = {
  documentPrefix: string;
  queryPrefix: string;
  /** In tokens. Null: not known. */
  maxTokens: number | null;
};

type KnownModel = { name: RegExp; document?: string; query?: string; maxTokens: number };

const BGE_ENGLISH = 'Represent this sentence for searching relevant passages: ';
const BGE_CHINESE = '为这个句子生成表示以用于检索相关文章：';
const INSTRUCTION = 'Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: ';

/**
 * From the models' own cards; the first name that fits counts. Without its prefixes a model of this list finds less.
 * A change here makes new questions differ from files that were embedded before: those want to be embedded anew.
 */
const KNOWN_MODELS: KnownModel[] = [
  { name: /^nomic-embed-code/, query: 'Represent this query for searching relevant code: ', maxTokens: 2_048 },
  { name: /^nomic-embed-text-v2/, document: 'search_document: ', query: 'search_query: ', maxTokens: 512 },
  // Ollama gives it 2,048, though the model itself takes more.
  { name: /^nomic-embed-text/, document: 'search_document: ', query: 'search_query: ', maxTokens: 2_048 },
  { name: /e5-.*instruct/, query: INSTRUCTION, maxTokens: 512 },
  { name: /^(multilingual-)?e5-/, document: 'passage: ', query: 'query: ', maxTokens: 512 },
  { name: /^bge-m3/, maxTokens: 8_192 },
  { name: /^bge-.*-zh/, query: BGE_CHINESE, maxTokens: 512 },
  { name: /^bge-/, query: BGE_ENGLISH, maxTokens: 512 },
  { name: /^mxbai-embed-large/, query: BGE_ENGLISH, maxTokens: 512 },
  { name: /^snowflake-arctic-embed.*(2|v2)/, query: 'query: ', maxTokens: 8_192 },
  { name: /^snowflake-arctic-embed/, query: BGE_ENGLISH, maxTokens: 512 },
  {
    name: /^embeddinggemma/,
    document: 'title: none | text: ',
    query: 'task: search result | query: ',
    maxTokens: 2_048,
  },
  { name: /^qwen3-embedding/, query: INSTRUCTION, maxTokens: 32_768 },
  { name: /^all-minilm-l12/, maxTokens: 128 },
  { name: /^all-minilm/, maxTokens: 256 },
  { name: /^text-embedding-(3-(small|large)|ada-002)$/, maxTokens: 8_191 },
];

/** Of a model by its name, with or without an owner before it and a tag behind it. */
export function traitsOf(name: string): ModelTraits {
  const plain = name.toLowerCase().split('/').at(-1)?.split(':', 1)[0] ?? '';
  const known = KNOWN_MODELS.find((model) => model.name.test(plain));
  return {
    documentPrefix: known?.document ?? '',
    queryPrefix: known?.query ?? '',
    maxTokens: known?.maxTokens ?? null,
  };
}
