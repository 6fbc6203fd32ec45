import { randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startScriptedUpstream } from '../support/scripted-upstream.ts';
import { openTestDatabase, startTestServer } from '../support/server.ts';
import { lorem } from '../support/stream-plan.ts';
import { CHAT, chatInput, eventsOf, SEND, watchToEnd } from '../support/turns.ts';

describe('an answer that ends while somebody reads it', () => {
  it('is there whole, though its message was read just before the end', async () => {
    const upstream = await startScriptedUpstream({ plans: { short: { tokens: lorem(20), reasoning: ['hm'] } } });
    onTestFinished(() => upstream.close());
    const server = await startTestServer({ openAiUrl: upstream.url });
    const user = await server.register();
    await server.data(SEND, { input: chatInput('short'), wait: true }, user.token);
    const message = await server.app.database.prisma.message.findFirstOrThrow({ where: { role: 'ASSISTANT' } });
    // What a query asks for that has read the message as GENERATING.
    const text = await server.app.services.chat.partialText(message.id);
    expect(text).toMatchObject({ content: lorem(20).join(''), reasoning: 'hm' });
  });
});

describe('a turn whose server was killed a month ago', () => {
  it('is closed by the next start', async () => {
    const database = await openTestDatabase('pglite');
    const upstream = await startScriptedUpstream({ plans: { short: { tokens: lorem(20) } } });
    onTestFinished(() => upstream.close());
    const first = await startTestServer({
      openAiUrl: upstream.url,
      overrides: { database: { ...database, dispose: async () => {} } },
    });
    const user = await first.register();
    await first.data(SEND, { input: chatInput('short'), wait: true }, user.token);
    await first.close();
    await database.prisma.turn.updateMany({ data: { status: 'GENERATING', partialContent: 'so far' } });
    await database.prisma.message.updateMany({ where: { role: 'ASSISTANT' }, data: { status: 'GENERATING' } });
    const now = () => new Date(Date.now() + 30 * 86_400_000);
    const second = await startTestServer({ overrides: { database, now } });
    const message = await second.app.database.prisma.message.findFirstOrThrow({ where: { role: 'ASSISTANT' } });
    expect(message).toMatchObject({ status: 'INTERRUPTED', content: 'so far' });
  });
});

describe('the longest answer', () => {
  it('ends before a character that does not fit, and never within one', async () => {
    const upstream = await startScriptedUpstream({ plans: { smile: { tokens: Array(1_000).fill('😀') } } });
    onTestFinished(() => upstream.close());
    const server = await startTestServer({ openAiUrl: upstream.url, environment: { MAX_ANSWER_CHARACTERS: '1001' } });
    const user = await server.register();
    const { last, text } = await watchToEnd(eventsOf(server, 'ws', user.token, CHAT, { input: chatInput('smile') }));
    expect(text).toBe('😀'.repeat(500));
    expect(last).toMatchObject({ finishReason: 'LENGTH', message: { content: text } });
  });
});

describe('a conversation that is deleted while a prompt of it is being stored', () => {
  it('keeps no model busy', async () => {
    const upstream = await startScriptedUpstream({ plans: { long: { tokens: lorem(3_000), intervalMs: 10 } } });
    onTestFinished(() => upstream.close());
    const server = await startTestServer({ openAiUrl: upstream.url });
    const user = await server.register();
    const { sendMessage } = await server.data(SEND, { input: chatInput('long') }, user.token);
    // As by a deletion that did not see the turn yet.
    const { prisma } = server.app.database;
    const original = prisma.turn.findMany.bind(prisma.turn);
    prisma.turn.findMany = (() => Promise.resolve([])) as never;
    onTestFinished(() => {
      prisma.turn.findMany = original as never;
    });
    await server.data(
      'mutation ($id: ID!) { deleteConversation(id: $id) }',
      { id: sendMessage.conversation.id },
      user.token,
    );
    await expect.poll(() => server.app.load().runningTurns, { timeout: 5_000 }).toBe(0);
  });
});

describe('a provider that counts wildly', () => {
  it('has its answer stored all the same', async () => {
    const usage = { promptTokens: 1e12, completionTokens: 1e300 };
    const upstream = await startScriptedUpstream({ plans: { wild: { tokens: lorem(3), usage } } });
    onTestFinished(() => upstream.close());
    const server = await startTestServer({ openAiUrl: upstream.url });
    const user = await server.register();
    const { last } = await watchToEnd(eventsOf(server, 'ws', user.token, TURN_COUNTED, { input: chatInput('wild') }));
    expect(last).toMatchObject({ usage: { promptTokens: 2_147_483_647 }, message: { status: 'COMPLETE' } });
  });
});

const TURN_COUNTED = `subscription ($input: ChatInput!) {
  chat(input: $input) {
    __typename turnId cursor
    ... on TurnDelta { text }
    ... on TurnFinished { usage { promptTokens completionTokens } message { status } }
  }
}`;

describe('a retry', () => {
  it('joins its turn though the model of the first try is not configured any more', async () => {
    const database = await openTestDatabase('pglite');
    const upstream = await startScriptedUpstream({ plans: { short: { tokens: lorem(20) } } });
    onTestFinished(() => upstream.close());
    const kept = { ...database, dispose: async () => {} };
    const first = await startTestServer({ openAiUrl: upstream.url, overrides: { database: kept } });
    const user = await first.register();
    const input = chatInput('short');
    const { sendMessage: made } = await first.data(SEND, { input, wait: true }, user.token);
    const again = { turnKey: randomUUID(), messageId: made.assistantMessage.id };
    const { regenerate: other } = await first.data(REGENERATE, { input: again }, user.token);
    await first.close();

    const second = await startTestServer({ overrides: { database } });
    expect((await second.data(SEND, { input }, user.token)).sendMessage.id).toBe(made.id);
    expect((await second.data(REGENERATE, { input: again }, user.token)).regenerate.id).toBe(other.id);
    const { errors } = await second.request(SEND, { input: chatInput('short') }, user.token);
    expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
  });
});

const REGENERATE = 'mutation ($input: RegenerateInput!) { regenerate(input: $input, wait: true) { id } }';
