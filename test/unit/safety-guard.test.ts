import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/errors.ts';
import type { GenerationOptions } from '../../src/ports/language-model.ts';
import { dialectOf, guardMessages, type Subject, textsOf } from '../../src/services/safety/dialect.ts';
import { createGuard, UNCHECKED } from '../../src/services/safety/guard.ts';
import { createJudge, type Judgement } from '../../src/services/safety/judge.ts';
import type { RecordedRuling } from '../../src/services/safety/record-ruling.ts';
import type { SafetyMode } from '../../src/services/safety/verdict.ts';
import { unusedNonce } from '../../src/util/unused-nonce.ts';

const never = new AbortController().signal;
const AWAY: Judgement = { verdict: 'unreachable', categories: null, reason: 'It is away.' };

function guardThat(mode: SafetyMode, judgement: (subject: Subject) => Judgement) {
  const asked: Subject[] = [];
  const recorded: RecordedRuling[] = [];
  const warnings: string[] = [];
  const guard = createGuard({
    mode,
    model: 'openai/guard',
    judge: async (subject) => {
      asked.push(subject);
      return judgement(subject);
    },
    windowOf: () => null,
    refusal: 'No.',
    record: async (_turn, ruling) => void recorded.push(ruling),
    warn: (message) => warnings.push(message),
  });
  return { guard, asked, recorded, warnings, turn: { id: 'turn', userId: 'user', ip: null } };
}

describe('a guard that is away', () => {
  it('is not waited for again and again in one turn when it is fuzzy', async () => {
    const { guard, asked, recorded, warnings, turn } = guardThat('fuzzy', () => AWAY);
    const turnGuard = guard.begin(turn);
    const question = 'a long question '.repeat(10_000);
    expect(await turnGuard.judgePrompt({ history: [], question }, never)).toBe('unsure');
    expect(asked).toHaveLength(2);
    expect(recorded).toHaveLength(1);
    // The next turn looks again.
    await guard.begin(turn).judgePrompt({ history: [], question }, never);
    expect(asked).toHaveLength(4);
    expect(warnings).toHaveLength(1);
  });

  it('refuses with words of its own when it is strict', async () => {
    const { guard, recorded, turn } = guardThat('strict', () => AWAY);
    const turnGuard = guard.begin(turn);
    expect(await turnGuard.judgePrompt({ history: [], question: 'x' }, never)).toBe('blocked');
    expect(turnGuard.refusal()).toBe(UNCHECKED);
    expect(recorded).toMatchObject([{ ruling: 'blocked', verdict: 'unreachable', reason: 'It is away.' }]);
  });
});

it('tells the guard the end of the conversation, bounded', async () => {
  const safe: Judgement = { verdict: 'safe', categories: null, reason: null };
  const { guard, asked, turn } = guardThat('strict', () => safe);
  const history = Array.from({ length: 50 }, (_, index) => ({
    role: index % 2 === 0 ? ('user' as const) : ('assistant' as const),
    content: `${'a long message '.repeat(1_000)}${index}`,
  }));
  await guard.begin(turn).judgePrompt({ history, question: 'And that?' }, never);
  const [subject] = asked as Extract<Subject, { judged: 'input' }>[];
  expect(subject?.before.map(({ content }) => content.slice(-2))).toEqual(['46', '47', '48', '49']);
  expect(JSON.stringify(subject).length).toBeLessThan(10_000);
});

describe('what a guard is told', () => {
  const input: Subject = {
    judged: 'input',
    before: [
      { role: 'assistant', content: 'cut off' },
      { role: 'user', content: 'one' },
      { role: 'assistant', content: 'two' },
    ],
    text: 'three',
  };
  const output: Subject = { judged: 'output', question: 'why', before: 'so far ', text: 'and on' };

  it.each([
    ['ollama/llama-guard3:8b', 'words'],
    ['openai/meta-llama/Llama-Guard-3-8B', 'words'],
    ['ollama/shieldgemma:2b', 'yes-no'],
    ['ollama/granite3-guardian', 'yes-no'],
    ['aihub/ibm-granite/granite-guardian-3.3-8b', 'yes-no'],
    ['openai/Qwen/Qwen3Guard-Gen-4B', 'labelled'],
  ])('is the conversation itself for %s, which answers in %s', (model, form) => {
    const dialect = dialectOf(model);
    expect(dialect).toEqual({ form, isDedicated: true });
    expect(guardMessages(dialect, input, 'n')).toEqual([
      { role: 'user', content: 'one' },
      { role: 'assistant', content: 'two' },
      { role: 'user', content: 'three' },
    ]);
    expect(guardMessages(dialect, output, 'n')).toEqual([
      { role: 'user', content: 'why' },
      { role: 'assistant', content: 'so far and on' },
    ]);
  });

  it('stands in a fence that it cannot know for any other model', () => {
    expect(dialectOf('ollama/llama3.2:3b')).toEqual({ form: 'words', isDedicated: false });
    const nonces = ['three', 'cut', '0f'];
    const nonce = unusedNonce(() => nonces.shift() ?? '', textsOf(input));
    expect(nonce).toBe('0f');
    const [system, user] = guardMessages(dialectOf('openai/gpt'), input, nonce);
    expect(system?.content).toContain('<content-0f>');
    expect(user?.content).toContain('<content-0f>\nthree\n</content-0f>');
    expect(user?.content).toContain('<context-0f>\nassistant: cut off\n\nuser: one\n\nassistant: two\n</context-0f>');
  });
});

describe('a judgement', () => {
  const subject: Subject = { judged: 'input', before: [], text: 'x' };
  const judgeThat = (answer: (options: GenerationOptions, signal: AbortSignal) => Promise<string>) =>
    createJudge({
      mode: 'strict',
      model: 'openai/gpt',
      complete: (_model, { options, signal }) => answer(options, signal),
      createNonce: () => '0f',
      deadlineMs: 50,
    });

  it('does without a temperature where the model takes none, from then on', async () => {
    const asked: (number | undefined)[] = [];
    const judge = judgeThat(async ({ temperature }) => {
      asked.push(temperature);
      if (temperature !== undefined) throw new AppError({ code: 'BAD_USER_INPUT', message: 'No temperature.' });
      return 'safe';
    });
    expect((await judge(subject, never)).verdict).toBe('safe');
    expect((await judge(subject, never)).verdict).toBe('safe');
    expect(asked).toEqual([0, undefined, undefined]);
  });

  it('is unsafe where the filter of its provider refuses the text', async () => {
    const judge = judgeThat(async () => {
      throw new AppError({ code: 'BLOCKED', message: 'content_filter' });
    });
    expect((await judge(subject, never)).verdict).toBe('unsafe');
  });

  it('is none after its time, and throws only when the turn is aborted', async () => {
    const hanging = judgeThat(() => new Promise(() => {}));
    expect(await hanging(subject, never)).toMatchObject({
      verdict: 'unreachable',
      reason: 'There was no answer within 50 ms.',
    });
    const controller = new AbortController();
    const judged = hanging(subject, controller.signal);
    controller.abort('stopped');
    await expect(judged).rejects.toBe('stopped');
  });
});
