import { basename } from 'node:path';
import { AppError } from '../../../errors.ts';
import type { LanguageModel, ModelInfo } from '../../../ports/language-model.ts';
import { orAborted } from '../../../util/or-aborted.ts';
import { createFaults, ProviderFault } from '../../../util/provider-fault.ts';
import type { ModelLimits } from '../model-limits.ts';
import { readParts } from '../part-reader.ts';
import { openLlamaStream } from './llama-stream.ts';
import { createLoadedModels, toAppError, type Use } from './loaded-models.ts';
import type { CallName, Calls, LoadSettings } from './messages.ts';
import { createModelFacts, type Facts } from './model-facts.ts';
import { createModelFiles, type ModelFile } from './model-files.ts';
import { Refusal } from './refusal.ts';

export type LlamaOptions = {
  /** A file that may lie anywhere, and is the one that answers where none is named. */
  modelPath: string | null;
  /** Every GGUF file in it is a model. */
  folder: string;
  settings: LoadSettings;
  limits: Pick<ModelLimits, 'firstTokenMs' | 'idleMs' | 'totalMs'>;
  idleMs: number | null;
  mostLoaded: number;
  /** What its processes get of the environment: nothing of the server's secrets. */
  environment: Record<string, string>;
  debug: (message: string) => void;
  warn: (message: string) => void;
};

export type Llama = LanguageModel & {
  /** A vector for each text, as the model gives it. Throws ProviderFault. */
  embed(name: string, texts: string[], signal: AbortSignal): Promise<number[][]>;
  /** How well each text answers the question, from 0 to 1. Null: the model is none that judges. Throws AppError. */
  rank(name: string, question: string, texts: string[], signal: AbortSignal): Promise<number[]>;
  /** Whether the model judges passages, and does nothing else. */
  ranks(name: string): Promise<boolean>;
  /** Where the file lies, usable or not. Null: there is none. */
  pathOf(name: string): Promise<string | null>;
  /** Why it cannot be used. Null: it can. */
  faultOf(name: string): Promise<string | null>;
  /** As `faultOf`, where the file itself is at fault. Null: it is not. */
  brokenBy(name: string): Promise<string | null>;
  /** From the memory, unless somebody uses it. */
  unload(name: string): Promise<void>;
  /** A line for each file that cannot be used. */
  check(): Promise<string[]>;
};

/** Models of GGUF files, run by llama.cpp on this machine. */
export function createLlama(options: LlamaOptions): Llama {
  const { modelPath, folder, settings, limits, environment, debug, warn } = options;
  const faults = createFaults('llama-cpp', [folder]);
  const files = createModelFiles({ modelPath, folder });
  const facts = createModelFacts({ environment, log: debug });
  const loaded = createLoadedModels({
    settings,
    idleMs: options.idleMs,
    most: options.mostLoaded,
    environment,
    log: debug,
    warn,
  });

  async function fileOf(name: string): Promise<ModelFile> {
    const file = await files.find(name);
    if (!file) throw faults.status(404, { model: name });
    return file;
  }

  async function use(name: string, signal: AbortSignal): Promise<Use> {
    const file = await fileOf(name);
    try {
      return await loaded.use(file, signal);
    } catch (error) {
      if (!(error instanceof Refusal) || error.kind !== 'model') throw error;
      // llama.cpp only says that it cannot; the file itself says why.
      const { fault } = await facts.of(file);
      throw fault === null ? error : new Refusal('model', fault);
    }
  }

  /** A call that is no turn. */
  async function ask<Name extends CallName>(
    model: string,
    name: Name,
    input: Calls[Name]['input'],
    signal: AbortSignal,
  ): Promise<Calls[Name]['result']> {
    let inUse: Use | undefined;
    try {
      inUse = await use(model, signal);
      return await inUse.runner.call(name, input, { signal });
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof ProviderFault ? error.error : toAppError(error, model);
    } finally {
      inUse?.release();
    }
  }

  function infoOf(file: ModelFile, known: Facts): ModelInfo | null {
    if (!known.facts) return null;
    const { kind, contextWindow, quantization } = known.facts;
    const inMemory = loaded.factsOf(file.name)?.contextTokens;
    return {
      name: file.name,
      contextWindow: inMemory ?? Math.min(contextWindow ?? settings.contextTokens, settings.contextTokens),
      sizeBytes: file.sizeBytes,
      quantization,
      // One that gives scores cannot chat either.
      embedding: kind !== 'chat',
    };
  }

  return {
    provider: 'llama-cpp',
    defaultModel: modelPath === null ? null : basename(modelPath),
    stream(request) {
      const begin = (signal: AbortSignal) =>
        openLlamaStream({ request, signal, limits, faults, use: (waits) => use(request.model, waits) });
      return { [Symbol.asyncIterator]: () => readParts(begin, request.signal) };
    },
    window(name, info) {
      const tokens = loaded.factsOf(name)?.contextTokens ?? info?.contextWindow ?? settings.contextTokens;
      return { tokens, count: (texts, signal) => ask(name, 'count', { texts }, signal) };
    },
    async listModels(signal) {
      signal.throwIfAborted();
      const found = await files.list();
      const infos: (ModelInfo | null)[] = [];
      for (const file of found) {
        const known = await orAborted(facts.of(file), signal);
        if (!known.facts && known.of === 'all') {
          throw new AppError({ code: 'PROVIDER_UNAVAILABLE', message: known.fault });
        }
        infos.push(infoOf(file, known));
      }
      return infos.filter((info) => info !== null);
    },
    breakerOpen: () => false,
    load() {
      const loads = loaded.loads();
      return {
        active: loads.reduce((sum, { active }) => sum + active, 0),
        waiting: loads.reduce((sum, { waiting }) => sum + waiting, 0),
        longestWaitMs: Math.max(0, ...loads.map(({ longestWaitMs }) => longestWaitMs)),
      };
    },
    embed: (name, texts, signal) => ask(name, 'embed', { texts }, signal),
    rank: (name, question, texts, signal) => ask(name, 'rank', { question, texts }, signal),
    async ranks(name) {
      const file = await files.find(name);
      return file !== null && (await facts.of(file)).facts?.kind === 'rank';
    },
    pathOf: async (name) => (await files.find(name))?.path ?? null,
    async faultOf(name) {
      const file = await files.find(name);
      return file ? (await facts.of(file)).fault : 'There is no such file.';
    },
    async brokenBy(name) {
      const file = await files.find(name);
      const known = file && (await facts.of(file));
      return known && !known.facts && known.of === 'file' ? known.fault : null;
    },
    unload: loaded.unload,
    async check() {
      const found = await files.list();
      const lines =
        modelPath !== null && found[0]?.path !== modelPath ? [`MODEL_PATH ${modelPath}: there is no such file.`] : [];
      for (const file of found) {
        const known = await facts.of(file);
        if (known.facts || known.of === 'moment') continue;
        if (known.of === 'all') return [...lines, `No GGUF file can be used. ${known.fault}`];
        lines.push(`The model ${file.path} cannot be used: ${known.fault}`);
      }
      return lines;
    },
    async dispose() {
      await Promise.all([facts.dispose(), loaded.dispose()]);
    },
  };
}
