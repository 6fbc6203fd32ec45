import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLlama, type Llama, type LlamaOptions } from '../../src/adapters/models/llama/llama.ts';
import { type TinyChatModel, writeTinyChatModel } from './tiny-gguf.ts';

export type TestLlama = {
  model: Llama;
  folder: string;
  /** Name of a model that can chat. */
  answering: string;
  warnings: string[];
  dispose(): Promise<void>;
};

/** llama.cpp with a tiny model in a folder of its own. */
export async function startLlama(options: Partial<LlamaOptions> & { tiny?: TinyChatModel } = {}): Promise<TestLlama> {
  const { tiny, settings, ...others } = options;
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-llama-'));
  const answering = 'tiny.gguf';
  await writeTinyChatModel(join(folder, answering), tiny);
  const warnings: string[] = [];
  const model = createLlama({
    modelPath: null,
    folder,
    // With a model as small as this, more threads are slower.
    settings: { threads: 1, contextTokens: 2_048, gpu: 'off', chatFormat: null, places: 4, ...settings },
    limits: { firstTokenMs: 60_000, idleMs: 20_000, totalMs: 120_000 },
    idleMs: null,
    mostLoaded: 2,
    environment: {},
    debug: () => {},
    warn: (message) => warnings.push(message),
    ...others,
  });
  return {
    model,
    folder,
    answering,
    warnings,
    async dispose() {
      await model.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
