import { describe, expect, it } from 'vitest';
import { knownWindow } from '../../src/adapters/models/known-windows.ts';
import type { ChatMessage, ModelWindow } from '../../src/ports/language-model.ts';
import { fitPrompt } from '../../src/services/chat/fit-prompt.ts';

/** A model whose tokens are words. */
const words = (tokens: number): ModelWindow => ({
  tokens,
  count: async (texts) => texts.map((text) => text.split(' ').filter(Boolean).length),
});
const message = (role: ChatMessage['role'], count: number, word = 'w'): ChatMessage => ({
  role,
  content: Array.from({ length: count }, () => word).join(' '),
});
const signal = new AbortController().signal;
const fitted = (window: ModelWindow | null, history: ChatMessage[], userTurn = 'question', maxTokens?: number) =>
  fitPrompt({ systemPrompt: 'be nice', history, userTurn }, { window, maxTokens, signal });

describe('a prompt', () => {
  const history = [message('user', 300, 'oldest'), message('assistant', 200, 'older'), message('user', 100, 'newer')];

  it('holds everything where there is room', async () => {
    const prompt = await fitted(words(10_000), history);
    expect(prompt.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user', 'user']);
    expect(prompt.at(-1)?.content).toBe('question');
  });

  it('leaves out the oldest turns, whole ones, and keeps the system prompt and the question', async () => {
    // 48 for the format, half of the window for the answer.
    const prompt = await fitted(words(1_000), history);
    expect(prompt.map(({ content }) => content.split(' ')[0])).toEqual(['be', 'newer', 'question']);
    expect(prompt[1]).toEqual(history[2]);
    const next = [...history, message('assistant', 100, 'newest')];
    expect((await fitted(words(1_000), next)).slice(1, -1)).toEqual(next.slice(2));
    // There is room for the answer, but not for its question.
    expect(await fitted(words(500), [message('user', 200), message('assistant', 10)])).toHaveLength(2);
  });

  it('leaves out what is older than a turn that does not fit, too', async () => {
    const broken = [message('user', 10, 'oldest'), message('assistant', 5_000, 'long'), message('user', 10, 'newer')];
    expect((await fitted(words(1_000), broken)).map(({ content }) => content.split(' ')[0])).toEqual([
      'be',
      'newer',
      'question',
    ]);
  });

  it('keeps less of the past for a long answer', async () => {
    expect(await fitted(words(2_000), history, 'question', 100)).toHaveLength(5);
    expect(await fitted(words(1_000), history, 'question', 100)).toHaveLength(5);
    expect(await fitted(words(1_000), history, 'question', 1_000_000)).toHaveLength(3);
  });

  it('takes of the room for the answer before it refuses a long question', async () => {
    const long = message('user', 700).content;
    expect((await fitted(words(1_000), history, long)).map(({ role }) => role)).toEqual(['system', 'user']);
  });

  it('is refused, with both numbers, where the question alone does not fit', async () => {
    const refused = fitted(words(1_000), history, message('user', 950).content);
    await expect(refused).rejects.toMatchObject({ code: 'BAD_USER_INPUT', retryable: false });
    await expect(refused).rejects.toThrow(/has about 968 tokens, and the model takes 1000/);
  });

  it('is whole for a model that reads none', async () => {
    expect(await fitted(null, history)).toHaveLength(5);
  });

  it('counts no more of a long history than could ever fit', async () => {
    let counted = 0;
    const window: ModelWindow = {
      tokens: 500,
      count: async (texts) => {
        counted = texts.reduce((sum, text) => sum + text.length, 0);
        return texts.map((text) => text.length);
      },
    };
    await fitted(
      window,
      Array.from({ length: 200 }, () => message('user', 500)),
    );
    expect(counted).toBeLessThan(500 * 16);
  });

  it('is estimated to the safe side where nobody can count', async () => {
    const window: ModelWindow = { tokens: 4_096, count: null };
    // A Han character is about a token in every vocabulary.
    const prompt = await fitted(
      window,
      Array.from({ length: 20 }, () => ({ role: 'user' as const, content: '漢'.repeat(500) })),
    );
    const characters = prompt.reduce((sum, { content }) => sum + content.length, 0);
    expect(characters).toBeLessThan(4_096 - 1_024);
    expect(characters).toBeGreaterThan(2_000);
  });
});

it('knows the windows of hosted models by the longest beginning of their names', () => {
  expect(knownWindow('gpt-4o-mini-2024-07-18')).toBe(128_000);
  expect(knownWindow('gpt-4-0613')).toBe(8_192);
  expect(knownWindow('openai/gpt-4.1-mini')).toBe(1_047_576);
  expect(knownWindow('my-own-model')).toBeNull();
});
