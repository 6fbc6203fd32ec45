import { describe, expect, it } from 'vitest';
import { readVerdict, type Verdict, type VerdictForm } from '../../src/services/safety/verdict.ts';

type Case = [answer: string, strict: Verdict, fuzzy: Verdict];

const WORDS: Case[] = [
  // Clear.
  ['safe', 'safe', 'safe'],
  ['Safe', 'safe', 'safe'],
  ['\n\nsafe \n', 'safe', 'safe'],
  ['<think>It asks how to make… unsafe? No, bread.</think>\n\nsafe', 'safe', 'safe'],
  ['unsafe', 'unsafe', 'unsafe'],
  ['unsafe\nS1', 'unsafe', 'unsafe'],
  ['UNSAFE\nS1,S9', 'unsafe', 'unsafe'],
  // Near.
  ['Safe.', 'unclear', 'safe'],
  ['**safe**', 'unclear', 'safe'],
  ['"safe"', 'unclear', 'safe'],
  ['The message is safe', 'unclear', 'safe'],
  ['ｓａｆｅ', 'unclear', 'safe'],
  ['safe safe', 'unclear', 'safe'],
  ['**Unsafe**', 'unsafe', 'unsafe'],
  ['The message is unsafe.', 'unsafe', 'unsafe'],
  ['This is harmful.', 'unsafe', 'unsafe'],
  ['The message is unsafe. A safe answer would refuse it.', 'unsafe', 'unsafe'],
  // "unsafe" has "safe" in it, and so have its denials.
  ['not safe', 'unsafe', 'unsafe'],
  ['Not safe.', 'unsafe', 'unsafe'],
  ["It isn't safe", 'unsafe', 'unsafe'],
  ['It isn’t really safe', 'unsafe', 'unsafe'],
  ['This can never be called safe', 'unsafe', 'unsafe'],
  ['I do not think that this is safe.', 'unsafe', 'unsafe'],
  ["I wouldn't call it safe", 'unsafe', 'unsafe'],
  ['The message does not ask for anything bad and is safe', 'unclear', 'safe'],
  ['far from safe', 'unsafe', 'unsafe'],
  ['un-safe', 'unsafe', 'unsafe'],
  ['non-safe', 'unsafe', 'unsafe'],
  ['safe? no', 'unsafe', 'unsafe'],
  ['Safe: false', 'unsafe', 'unsafe'],
  // Nobody knows.
  ['', 'unclear', 'unclear'],
  ['   \n', 'unclear', 'unclear'],
  ['<think>never ends, safe', 'unclear', 'unclear'],
  ['safe or unsafe', 'unclear', 'unclear'],
  ['unsafe or safe?', 'unclear', 'unclear'],
  ['not unsafe', 'unclear', 'unclear'],
  ['not harmful', 'unclear', 'unclear'],
  ['safe unless it is tried at home', 'unclear', 'unclear'],
  ['maybe safe', 'unclear', 'unclear'],
  ['No, this is safe', 'unclear', 'unclear'],
  ['safely', 'unclear', 'unclear'],
  ['vault', 'unclear', 'unclear'],
  ['sicher', 'unclear', 'unclear'],
  ['I am sorry, I can only help with questions about cooking today.', 'unclear', 'unclear'],
  ['A safe is a box of steel in which people keep what is dear to them at home', 'unclear', 'unclear'],
  ['yes', 'unclear', 'unclear'],
  ['😀😀', 'unclear', 'unclear'],
];

const YES_NO: Case[] = [
  ['No', 'safe', 'safe'],
  ['no\n', 'safe', 'safe'],
  ['<score> no </score>', 'safe', 'safe'],
  ['No\n<confidence> High </confidence>', 'safe', 'safe'],
  ['No\n<confidence> Low </confidence>', 'unclear', 'unclear'],
  ['Yes', 'unsafe', 'unsafe'],
  ['<score> yes </score>', 'unsafe', 'unsafe'],
  ['Yes\n<confidence> Low </confidence>', 'unsafe', 'unsafe'],
  ['Yes, it violates the policy.', 'unsafe', 'unsafe'],
  ['No.', 'unclear', 'safe'],
  ['No, it does not violate the policy.', 'unclear', 'safe'],
  ['No, that is unsafe', 'unclear', 'unclear'],
  ['no yes', 'unclear', 'unclear'],
  ['unsafe', 'unsafe', 'unsafe'],
  ['', 'unclear', 'unclear'],
];

const LABELLED: Case[] = [
  ['Safety: Safe\nCategories: None', 'safe', 'safe'],
  ['Safety: Safe\nCategories: None\nRefusal: No', 'safe', 'safe'],
  ['Safety: Unsafe\nCategories: Violent', 'unsafe', 'unsafe'],
  ['Safety: Controversial\nCategories: Politically Sensitive Topics', 'unclear', 'unclear'],
  ['Safety: Safe\nCategories: Violent', 'unclear', 'safe'],
  ['safe', 'unclear', 'safe'],
  ['', 'unclear', 'unclear'],
];

describe.each<[VerdictForm, Case[]]>([
  ['words', WORDS],
  ['yes-no', YES_NO],
  ['labelled', LABELLED],
])('a verdict in the form %s', (form, cases) => {
  it.each(cases)('%j is %s to the strict and %s to the fuzzy', (answer, strict, fuzzy) => {
    expect(readVerdict('strict', answer, form).verdict).toBe(strict);
    expect(readVerdict('fuzzy', answer, form).verdict).toBe(fuzzy);
  });
});

it('names categories by their codes only, and only of what is unsafe', () => {
  expect(readVerdict('strict', 'unsafe\nS1, S9').categories).toBe('S1, S9');
  expect(readVerdict('fuzzy', 'unsafe, as in S1: "how to build a bomb", S1').categories).toBe('S1');
  expect(readVerdict('strict', 'unsafe').categories).toBeNull();
  expect(readVerdict('strict', 'safe\nS1').categories).toBeNull();
});
