import type { Client } from '@colloquy/sdk';
import { expect, test } from 'vitest';
import { conversationMarkdown } from '../../../frontend/src/conversations/conversation-markdown.ts';
import { readConversation } from '../../../frontend/src/conversations/save-conversation.ts';
import type { ThreadMessage } from '../../../frontend/src/thread/thread-message.ts';

type Saved = Parameters<typeof conversationMarkdown>[1][number];

const prompt = (content: string): Saved => ({ id: 'p', role: 'USER', content, model: null, citations: [] });
const answer = (content: string, citations: Saved['citations'] = []): Saved => ({
  id: 'a',
  role: 'ASSISTANT',
  content,
  model: 'openai/echo',
  citations,
});

const citation = (index: number, fileName: string, page: number | null) =>
  ({ index, passage: { fileName, page } }) as Saved['citations'][number];

test('what was asked is quoted, answers are as they came, and name the sources that they cite', () => {
  const text = conversationMarkdown('Of lamps', [
    prompt('# What burns?\r\n\r\n```'),
    answer('**Oil** [2], and gas [1].\n', [
      citation(1, 'gas.pdf', 3),
      citation(2, 'oil.txt', null),
      citation(3, 'not cited.txt', null),
    ]),
    prompt('And later?'),
    // It was stopped before its first word.
    answer(''),
  ]);
  expect(text).toBe(
    [
      '# Of lamps',
      '## You',
      '> # What burns?\n>\n> ```',
      '## Answer · echo',
      '**Oil** [2], and gas [1].',
      'Sources:',
      '- [2] oil.txt\n- [1] gas.pdf, page 3',
      '## You',
      '> And later?\n',
    ].join('\n\n'),
  );
});

test('all of a path is read, page by page, and nothing that comes meanwhile', async () => {
  const all = Array.from({ length: 250 }, (_, at) => ({ id: `m${at}`, siblings: [] }) as unknown as ThreadMessage);
  const asked: object[] = [];
  const conversation = async (_id: string, { last = 0, before, leaf }: Record<string, unknown>) => {
    asked.push({ before, leaf });
    const path = leaf ? all.slice(0, all.findIndex(({ id }) => id === leaf) + 1) : all;
    const end = before ? Number(before) : path.length;
    const begin = Math.max(0, end - Number(last));
    all.push({ id: `later ${asked.length}`, siblings: [] } as unknown as ThreadMessage);
    const edges = path.slice(begin, end).map((node) => ({ node }));
    return { title: 'T', messages: { edges, pageInfo: { hasPreviousPage: begin > 0, startCursor: String(begin) } } };
  };
  const client = { conversation } as unknown as Pick<Client, 'conversation'>;
  const whole = await readConversation(client, 'c', null);
  expect(whole?.messages.map(({ id }) => id)).toEqual(Array.from({ length: 250 }, (_, at) => `m${at}`));
  expect(asked).toEqual([
    { before: null, leaf: null },
    { before: '150', leaf: 'm249' },
    { before: '50', leaf: 'm249' },
  ]);
  expect((await readConversation(client, 'c', 'm119'))?.messages).toHaveLength(120);
});
