import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { LanguageModel, ModelInfo } from '../../src/ports/language-model.ts';
import { createCatalogue } from '../../src/services/models/catalogue.ts';

const MODEL: ModelInfo = { name: 'm', contextWindow: null, sizeBytes: null, quantization: null, embedding: false };

/** A provider whose answers are given by the test. */
function scripted(
  list: () => Promise<ModelInfo[]>,
  provider: LanguageModel['provider'] = 'ollama',
): LanguageModel & { asked: number } {
  return {
    provider,
    defaultModel: null,
    asked: 0,
    // biome-ignore lint/correctness/useYield: nothing is streamed here
    async *stream() {
      throw new Error('not streamed here');
    },
    listModels() {
      this.asked += 1;
      return list();
    },
    breakerOpen: () => false,
    window: () => null,
    load: () => ({ active: 0, waiting: 0, longestWaitMs: 0 }),
    dispose: async () => {},
  };
}

describe('the catalogue', () => {
  it('asks a provider once in ten seconds, and gives what it knows while it asks again', async () => {
    let time = 0;
    let answer: Promise<ModelInfo[]> = Promise.resolve([MODEL]);
    const provider = scripted(() => answer);
    const { report } = createCatalogue([provider], () => new Date(time));
    expect((await Promise.all([report(provider), report(provider)])).map(({ models }) => models.length)).toEqual([
      1, 1,
    ]);
    expect(provider.asked).toBe(1);
    time = 9_999;
    await report(provider);
    expect(provider.asked).toBe(1);
    answer = new Promise(() => {});
    time = 20_000;
    expect((await report(provider)).models).toEqual([MODEL]);
    expect(provider.asked).toBe(2);
  });

  it('looks again before it says what was long ago, unless that takes too long', async () => {
    let time = 0;
    let answer: Promise<ModelInfo[]> = Promise.reject(new Error('refused'));
    const provider = scripted(() => answer);
    const { report } = createCatalogue([provider], () => new Date(time));
    expect((await report(provider)).fault).not.toBeNull();
    answer = Promise.resolve([MODEL]);
    time = 100_000;
    expect(await report(provider)).toMatchObject({ models: [MODEL], fault: null });
    answer = new Promise(() => {});
    time = 200_000;
    expect((await report(provider)).models).toEqual([MODEL]);
  });

  it('waits for files of this machine, and not so long for others', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const slow = () => new Promise<ModelInfo[]>((resolve) => setTimeout(resolve, 5_000, [MODEL]));
    const [here, there] = [scripted(slow, 'llama-cpp'), scripted(slow)];
    const { report } = createCatalogue([here, there], () => new Date());
    const reports = [report(here), report(there)];
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await Promise.all(reports)).toMatchObject([
      { models: [MODEL], fault: null },
      { models: [], fault: expect.any(String) },
    ]);
    expect(await report(there)).toMatchObject({ models: [MODEL], fault: null });
  });
});
