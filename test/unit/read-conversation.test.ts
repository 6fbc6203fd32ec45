import { expect, test } from 'vitest';
import { readConversation } from '../../src/services/transfer/read-conversation.ts';
import { chatgptConversation, chatgptRoots, chatNode } from '../support/chatgpt-export.ts';
import { conversationOf } from '../support/transfers.ts';

const read = (given: unknown) => readConversation(given, (prompt) => prompt);
const answer = (more: object) => {
  const { messages, ...rest } = conversationOf([[null, 'USER', 'q']]);
  return { ...rest, messages: [...messages, { id: 'a', parentId: 'm0', role: 'ASSISTANT', content: 'a', ...more }] };
};

test('of millions of faults the first is told, and none is kept', () => {
  const broken = { ...answer({}), messages: Array.from({ length: 100_000 }, () => 0) };
  expect(() => read(broken)).toThrow(/^messages\.0\.: /);
  expect(() => read({ ...broken, messages: [...broken.messages, 0] })).toThrow('It has more than 100000 messages.');
  const words = Array.from({ length: 2_000_000 }, () => 'x');
  expect(() => read(answer({ segments: words }))).toThrow('messages.1.segments: Expected a list of lengths');
  expect(() => read(answer({ citations: words }))).toThrow(/^messages\.1\.citations: Too big/);
});

test('what the graph could not show is refused', () => {
  const passage = { fileId: crypto.randomUUID(), fileName: 'f', text: 't', start: 0, end: 1, score: 1 };
  expect(read(answer({ citations: [{ index: 1, passage }] })).messages[1]?.citations).toHaveLength(1);
  expect(() => read(answer({ citations: [{ index: 2 ** 40, passage }] }))).toThrow('messages.1.citations.0.index');
});

test('a ChatGPT conversation with lists of millions, and code full of fences', () => {
  const thoughts = { content_type: 'thoughts', thoughts: Array.from({ length: 2_000_000 }, () => 0) };
  const code = { content_type: 'code', text: '```\n'.repeat(300_000), language: 'unknown' };
  const given = chatgptConversation([
    ...chatgptRoots,
    chatNode('q', 'context', 'user', 'Which?'),
    chatNode('t', 'q', 'assistant', thoughts),
    chatNode('a', 't', 'assistant', code),
  ]);
  const { messages } = read(given);
  expect(messages.map(({ role, reasoning }) => [role, reasoning])).toEqual([
    ['USER', null],
    ['ASSISTANT', null],
  ]);
  expect(messages[1]?.content).toMatch(/^````\n```/);
  const mapping = Object.fromEntries(Array.from({ length: 400_001 }, (_, at) => [`n${at}`, 0]));
  expect(() => read({ ...given, mapping })).toThrow('It has too many messages.');
});
