import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GenerationOptions, LanguageModel, ProviderName } from '../../src/ports/language-model.ts';
import { collectParts, modelRequest } from '../support/collect-parts.ts';
import type { StreamPlan } from '../support/stream-plan.ts';

export type LanguageModelSubject = {
  model: LanguageModel;
  /** The name of a model that answers in several parts. */
  answering: string;
  /** With these it says the same again. */
  steady?: GenerationOptions;
  /** Makes a model that answers by a plan, and gives its name. */
  plan?: (plan: StreamPlan) => string;
  dispose(): Promise<void>;
};

const SECRETS = /sk-|upstream\.internal|127\.0\.0\.1|localhost|https?:/;

/** What every source of models promises; with `planned`, also what those promise that have a provider behind them. */
export function describeLanguageModel(
  name: string,
  provider: ProviderName,
  start: () => Promise<LanguageModelSubject>,
  planned: 'planned' | 'not planned',
): void {
  describe(`language model: ${name}`, () => {
    let subject: LanguageModelSubject;
    beforeAll(async () => {
      subject = await start();
    });
    afterAll(() => subject.dispose());

    it('gives deltas that are not empty and one finish, last', async () => {
      const { model, answering, steady = {} } = subject;
      const stream = model.stream(modelRequest(answering, { options: steady }));
      const { parts, finish, text, error } = await collectParts(stream);
      expect(error).toBeNull();
      expect(text.length).toBeGreaterThan(0);
      expect(parts.filter((part) => part.type === 'finish')).toHaveLength(1);
      expect(parts.at(-1)).toBe(finish);
      expect(finish?.reason).toBe('stop');
      for (const part of parts)
        if (part.type !== 'finish') expect(part.text.isWellFormed() && part.text !== '').toBe(true);
      if (finish?.usage) {
        expect(finish.usage.completionTokens).toBeGreaterThan(0);
        expect(Number.isInteger(finish.usage.promptTokens)).toBe(true);
      }
    });

    it('gives the same stream twice when asked twice, side by side', async () => {
      const { model, answering, steady = {} } = subject;
      const request = () => modelRequest(answering, { options: steady });
      const both = await Promise.all([1, 2].map(() => collectParts(model.stream(request()))));
      expect(both[0]?.text).toBe(both[1]?.text);
    });

    it('ends without a part when the signal is aborted already', async () => {
      const { model, answering } = subject;
      const stream = model.stream(modelRequest(answering, { signal: AbortSignal.abort() }));
      expect((await collectParts(stream)).parts).toEqual([]);
    });

    it('ends without throwing and without finish when the signal aborts', async () => {
      const { model, answering, plan } = subject;
      const controller = new AbortController();
      const name = plan?.({ tokens: ['one ', 'two '], fault: { type: 'silent', after: 1 } }) ?? answering;
      const stream = model.stream(modelRequest(name, { signal: controller.signal }));
      const { parts, error, finish } = await collectParts(stream, () => controller.abort());
      expect(error).toBeNull();
      expect(finish).toBeNull();
      expect(parts).toHaveLength(1);
    });

    it('can be left in the middle', async () => {
      const { model, answering } = subject;
      for await (const part of model.stream(modelRequest(answering))) {
        expect(part.type).toBe('text-delta');
        break;
      }
    });

    it('refuses a model that it does not have', async () => {
      const { error } = await collectParts(subject.model.stream(modelRequest('no-such-model')));
      expect(error).toMatchObject({ code: 'PROVIDER_UNAVAILABLE', retryable: false });
      expect(error?.message).toContain('has no model "no-such-model"');
    });

    it('lists its models', async () => {
      const models = await subject.model.listModels(new AbortController().signal);
      expect(models.map((model) => model.name)).toContain(subject.answering);
      await expect(subject.model.listModels(AbortSignal.abort(new Error('left')))).rejects.toThrow('left');
    });

    it('names its provider and begins with a closed breaker', () => {
      expect(subject.model.provider).toBe(provider);
      expect(subject.model.breakerOpen()).toBe(false);
    });

    if (planned === 'not planned') return;
    const named = (plan: StreamPlan) => {
      if (!subject.plan) throw new Error('a planned subject needs plan()');
      return subject.plan(plan);
    };

    const faults: [string, StreamPlan, { code: string; retryable: boolean; text?: string }][] = [
      ['refused credentials', status(401), { code: 'PROVIDER_UNAVAILABLE', retryable: false }],
      ['a forbidden model', status(403), { code: 'PROVIDER_UNAVAILABLE', retryable: false }],
      ['an unknown model', status(404), { code: 'PROVIDER_UNAVAILABLE', retryable: false }],
      ['a request it cannot take', status(400), { code: 'BAD_USER_INPUT', retryable: false }],
      ['a request it cannot process', status(422), { code: 'BAD_USER_INPUT', retryable: false }],
      ['too many requests', status(429), { code: 'RATE_LIMITED', retryable: true }],
      ['a failure', status(500), { code: 'PROVIDER_UNAVAILABLE', retryable: true }],
      ['an overload', status(503), { code: 'PROVIDER_UNAVAILABLE', retryable: true }],
      ['a redirect', status(302), { code: 'PROVIDER_UNAVAILABLE', retryable: false }],
      [
        'a page',
        { replay: '<html>hello</html>', contentType: 'text/html' },
        { code: 'PROVIDER_UNAVAILABLE', retryable: false },
      ],
      ['an empty stream', { replay: '' }, { code: 'PROVIDER_UNAVAILABLE', retryable: true }],
      ['a connection cut before the first token', during('cut', 0), { code: 'PROVIDER_UNAVAILABLE', retryable: true }],
      [
        'a connection cut in the middle',
        during('cut', 2),
        { code: 'PROVIDER_UNAVAILABLE', retryable: true, text: 'one two ' },
      ],
      [
        'a body that ends in the middle',
        { tokens: TOKENS, fault: { type: 'cut', after: 2, graceful: true } },
        { code: 'PROVIDER_UNAVAILABLE', retryable: true, text: 'one two ' },
      ],
      [
        'a malformed chunk',
        during('malformed', 2),
        { code: 'PROVIDER_UNAVAILABLE', retryable: true, text: 'one two ' },
      ],
      ['silence from the start', { fault: { type: 'never' } }, { code: 'PROVIDER_UNAVAILABLE', retryable: true }],
      ['silence after the head', during('silent', 0), { code: 'PROVIDER_UNAVAILABLE', retryable: true }],
      [
        'silence in the middle',
        during('silent', 2),
        { code: 'PROVIDER_UNAVAILABLE', retryable: true, text: 'one two ' },
      ],
      [
        'an error inside the stream',
        {
          tokens: TOKENS,
          fault: { type: 'error', after: 2, error: { message: 'CUDA error at http://upstream.internal/x' } },
        },
        { code: 'PROVIDER_UNAVAILABLE', retryable: true, text: 'one two ' },
      ],
    ];

    it.concurrent.for(faults)(
      'answers %s with the right code and keeps the text',
      async ([, plan, expected], { expect }) => {
        const { error, text, finish } = await collectParts(subject.model.stream(modelRequest(named(plan))));
        expect(error).toMatchObject({ code: expected.code, retryable: expected.retryable });
        expect(text).toBe(expected.text ?? '');
        expect(finish).toBeNull();
        expect(error?.message).not.toMatch(SECRETS);
        expect(String(error?.cause)).not.toMatch(SECRETS);
      },
    );

    it('passes reasoning on before the answer', async () => {
      const name = named({ reasoning: ['hm ', '🤔'], tokens: ['yes'], intervalMs: 1 });
      const { reasoning, text, parts } = await collectParts(subject.model.stream(modelRequest(name)));
      expect({ reasoning, text }).toEqual({ reasoning: 'hm 🤔', text: 'yes' });
      expect(parts.findIndex((part) => part.type === 'text-delta')).toBeGreaterThan(
        parts.findLastIndex((part) => part.type === 'reasoning-delta'),
      );
    });

    it('keeps surrogate pairs whole that come in two deltas', async () => {
      const name = named({ tokens: ['a\ud83d', '\ude00b', '\ud83d', '\ude80', 'c\ud83d'], intervalMs: 1 });
      const { text, parts } = await collectParts(subject.model.stream(modelRequest(name)));
      expect(text).toBe('a😀b🚀c\ufffd');
      for (const part of parts) if (part.type !== 'finish') expect(part.text.isWellFormed()).toBe(true);
    });

    it('tells an answer that ran into its limit from a whole one, and counts', async () => {
      const usage = { promptTokens: 7, completionTokens: 2 };
      const name = named({ tokens: ['a', 'b'], finishReason: 'length', usage });
      const { finish } = await collectParts(subject.model.stream(modelRequest(name)));
      expect(finish).toEqual({ type: 'finish', reason: 'length', usage });
    });

    it('gives null where the provider does not count', async () => {
      const name = named({ tokens: ['a'], usage: null });
      const { finish } = await collectParts(subject.model.stream(modelRequest(name)));
      expect(finish).toEqual({ type: 'finish', reason: 'stop', usage: null });
    });
  });
}

const TOKENS = ['one ', 'two ', 'three ', 'four '];

function status(code: number): StreamPlan {
  return { fault: { type: 'status', status: code } };
}

function during(type: 'cut' | 'silent' | 'malformed', after: number): StreamPlan {
  return { tokens: TOKENS, fault: { type, after } };
}
