import { availableParallelism } from 'node:os';
import {
  type ChatWrapper,
  type Llama,
  type LlamaContext,
  type LlamaEmbeddingContext,
  type LlamaGrammar,
  type LlamaModel,
  type LlamaRankingContext,
  resolveChatWrapper,
} from 'node-llama-cpp';
import type { Calls, Delta, Loaded, LoadSettings } from '../messages.ts';
import { Refusal } from '../refusal.ts';
import { generate } from './generate.ts';
import { grammarSchema } from './grammar-schema.ts';
import { factsOf, readInfo } from './inspect.ts';
import { openLlama } from './open-llama.ts';
import { createSequences } from './sequences.ts';

export type LoadedModel = {
  facts: Loaded;
  generate(
    input: Calls['generate']['input'],
    signal: AbortSignal,
    tell: (event: Delta) => void,
  ): Promise<Calls['generate']['result']>;
  count(texts: string[]): number[];
  embed(texts: string[], signal: AbortSignal): Promise<number[][]>;
  rank(question: string, texts: string[], signal: AbortSignal): Promise<number[]>;
};

/** On a processor a batch is computed as a whole before anybody else's token: small ones keep the others fluent. */
const CPU_BATCH = 128;
const GPU_BATCH = 512;
const KEPT_LINES = 5;
const MOST_GRAMMARS = 64;

/** Loads the file, and makes the context that its kind of model needs. Throws Refusal. */
export async function loadModel(
  path: string,
  settings: LoadSettings,
  log: (message: string) => void,
): Promise<LoadedModel> {
  const { kind, contextWindow } = factsOf(await readInfo(path));
  const said: string[] = [];
  const llama = await openLlama({
    gpu: settings.gpu,
    log(message) {
      if (message === '') return;
      said.push(message);
      if (said.length > KEPT_LINES) said.shift();
      log(message);
    },
  });
  const model = await llama.loadModel({ modelPath: path }).catch((error: unknown) => {
    throw refusalOf(error, said);
  });
  const threads = settings.threads ?? Math.max(1, Math.min(llama.cpuMathCores, availableParallelism()));
  const contextTokens = Math.min(settings.contextTokens, contextWindow ?? settings.contextTokens);
  const batchSize = Math.min(llama.gpu === false ? CPU_BATCH : GPU_BATCH, contextTokens);
  const others = { model, kind, contextTokens, threads };
  try {
    if (kind === 'embedding') return await embeddingModel(others);
    if (kind === 'rank') return await rankModel(others);
    return await chatModel({ ...others, llama, settings, batchSize });
  } catch (error) {
    throw refusalOf(error, said);
  }
}

type Common = { model: LlamaModel; kind: Loaded['kind']; contextTokens: number; threads: number };

async function chatModel(
  options: Common & { llama: Llama; settings: LoadSettings; batchSize: number },
): Promise<LoadedModel> {
  const { llama, model, settings } = options;
  // Once for each model: it blocks for up to a second.
  const wrapper = wrapperFor(model, settings.chatFormat);
  const context = await createContext(options);
  const { take } = createSequences(context, wrapper);
  const grammars = new Map<string, Promise<LlamaGrammar>>();
  const grammarFor = (schema: Record<string, unknown>) => {
    const key = JSON.stringify(schema);
    const grammar = grammars.get(key) ?? createGrammar(llama, schema);
    grammars.delete(key);
    grammars.set(key, grammar);
    const oldest = grammars.keys().next().value;
    if (grammars.size > MOST_GRAMMARS && oldest !== undefined) grammars.delete(oldest);
    return grammar;
  };
  return {
    facts: { kind: 'chat', contextTokens: context.contextSize, places: context.totalSequences },
    generate: (input, signal, tell) => generate({ model, context, wrapper, take, grammarFor }, input, signal, tell),
    count: (texts) => texts.map((text) => model.tokenize(text).length),
    embed: () => cannot('It is a chat model and makes no embeddings.'),
    rank: () => cannot('It is a chat model: it puts passages into order when it is asked in words.'),
  };
}

/** As many sequences as are wanted, or fewer where the memory does not suffice. */
async function createContext(options: Common & { settings: LoadSettings; batchSize: number }): Promise<LlamaContext> {
  const { model, settings, contextTokens: contextSize, threads, batchSize } = options;
  for (let sequences = settings.places; ; sequences = Math.ceil(sequences / 2)) {
    try {
      return await model.createContext({ sequences, contextSize, threads, batchSize });
    } catch (error) {
      if (sequences === 1) throw error;
    }
  }
}

async function createGrammar(llama: Llama, jsonSchema: Record<string, unknown>): Promise<LlamaGrammar> {
  const schema = grammarSchema(jsonSchema);
  try {
    return await llama.createGrammarForJsonSchema(schema as Parameters<Llama['createGrammarForJsonSchema']>[0]);
  } catch (error) {
    const reason = error instanceof Error ? error.message.slice(0, 200) : '';
    throw new Refusal('input', `The JSON Schema cannot be made into a grammar: ${reason}`);
  }
}

function wrapperFor(model: LlamaModel, format: string | null): ChatWrapper {
  const wrapper = resolveChatWrapper(model, { type: (format ?? 'auto') as 'auto' });
  if (!wrapper) throw new Refusal('model', `The chat format "${format}" cannot be used with this model.`);
  return wrapper;
}

async function embeddingModel({ model, contextTokens, threads }: Common): Promise<LoadedModel> {
  const context: LlamaEmbeddingContext = await model.createEmbeddingContext({
    contextSize: contextTokens,
    batchSize: contextTokens,
    threads,
  });
  return {
    facts: { kind: 'embedding', contextTokens, places: 1 },
    generate: () => cannot('It makes embeddings and cannot chat.'),
    count: (texts) => texts.map((text) => model.tokenize(text).length),
    async embed(texts, signal) {
      const inputs = texts.map((text) => model.tokenize(text));
      const longest = Math.max(...inputs.map(({ length }) => length));
      // One that begins and one that ends a text are added, and one has to be free.
      if (longest + 2 >= contextTokens) throw new Refusal('too-long', `A text has ${longest} tokens.`);
      const vectors: number[][] = [];
      for (const input of inputs) {
        signal.throwIfAborted();
        vectors.push([...(await context.getEmbeddingFor(input)).vector]);
      }
      return vectors;
    },
    rank: () => cannot('It makes embeddings and gives no scores.'),
  };
}

async function rankModel({ model, contextTokens, threads }: Common): Promise<LoadedModel> {
  const context: LlamaRankingContext = await model.createRankingContext({
    contextSize: contextTokens,
    batchSize: contextTokens,
    threads,
  });
  return {
    facts: { kind: 'rank', contextTokens, places: 1 },
    generate: () => cannot('It gives scores to passages and cannot chat.'),
    count: (texts) => texts.map((text) => model.tokenize(text).length),
    embed: () => cannot('It gives scores to passages and makes no embeddings.'),
    async rank(question, texts, signal) {
      const scores: number[] = [];
      for (const text of texts) {
        signal.throwIfAborted();
        scores.push(await context.rank(question, text, { onOverflow: 'maxChunk' }));
      }
      return scores;
    },
  };
}

async function cannot(message: string): Promise<never> {
  throw new Refusal('model', message);
}

/** llama.cpp says why in its log only. */
function refusalOf(error: unknown, said: string[]): Refusal {
  if (error instanceof Refusal) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (/memory|allocat/i.test(`${message} ${said.join(' ')}`) || (error as Error)?.name === 'InsufficientMemoryError') {
    return new Refusal('memory', 'There is not enough memory for the model and its context window.');
  }
  const reason = said.findLast((line) => /error|fail|invalid|unknown|missing/i.test(line)) ?? message;
  return new Refusal(
    'model',
    `llama.cpp cannot load it: ${reason.replaceAll(/(\/|[A-Z]:\\)[^\s'"]+/g, '…').slice(0, 200)}`,
  );
}
