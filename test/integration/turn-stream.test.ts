import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ScriptedUpstream, startScriptedUpstream } from '../support/scripted-upstream.ts';
import { type Engine, startTestServer, type TestServer, type TestUser, type Transport } from '../support/server.ts';
import { lorem, type StreamPlan } from '../support/stream-plan.ts';
import { CHAT, chatInput, eventsOf, SEND, STOP, TURN, watchToEnd } from '../support/turns.ts';

const EMOJI = ['Grüße', ' 漢字', ' \ud83d', '\ude00', ' e\u0301', ' 👩‍👩‍👧', '\n\nend.'];
const PLANS: Record<string, StreamPlan> = {
  emoji: { tokens: EMOJI, reasoning: ['Let me', ' think 🤔'] },
  slow: { tokens: lorem(400), intervalMs: 4 },
  endless: { tokens: lorem(2_000), intervalMs: 5 },
};

describe.each<Engine>(['pglite', 'postgresql'])('turns on %s', (engine) => {
  let upstream: ScriptedUpstream;
  let server: TestServer;
  let user: TestUser;

  beforeAll(async () => {
    upstream = await startScriptedUpstream({ plans: PLANS });
    server = await startTestServer({ engine, openAiUrl: upstream.url, shared: true });
    user = await server.register();
  });
  afterAll(async () => {
    await server.close();
    await upstream.close();
  });

  const chat = (transport: Transport, input: Record<string, unknown>) =>
    eventsOf(server, transport, user.token, CHAT, { input });
  const turn = (transport: Transport, id: string, after = 0) =>
    eventsOf(server, transport, user.token, TURN, { id, after });
  const callsFor = (model: string) =>
    upstream.requests.filter(({ body }) => (body as { model?: string })?.model === model);

  describe.each<Transport>(['ws', 'sse'])('over %s', (transport) => {
    it('streams an answer, and stores what it streamed', async () => {
      const { events, text, reasoning, last } = await watchToEnd(chat(transport, chatInput('emoji')));
      expect(events.slice(0, 2).map(({ __typename }) => __typename)).toEqual(['TurnStarted', 'TurnRetrieved']);
      expect(text).toBe(EMOJI.join(''));
      expect(reasoning).toBe('Let me think 🤔');
      expect(last).toMatchObject({
        __typename: 'TurnFinished',
        finishReason: 'STOP',
        message: { status: 'COMPLETE', content: text, reasoning },
        usage: { completionTokens: 9 },
      });
    });

    it('resumes an ended turn from every position with the same rest', async () => {
      const whole = await watchToEnd(chat(transport, chatInput('emoji')));
      const units = whole.reasoning + whole.text;
      const end = whole.last.cursor;
      expect(end).toBe(units.length + 3);
      for (let after = 0; after < end; after++) {
        const rest = await watchToEnd(turn(transport, whole.last.turnId, after), after);
        expect(rest.reasoning + rest.text).toBe(units.slice(Math.max(0, after - 2)));
        expect(rest.last).toEqual(whole.last);
      }
      const nothing = [];
      for await (const event of turn(transport, whole.last.turnId, end)) nothing.push(event);
      expect(nothing).toEqual([]);
    });

    it('goes on when its watcher leaves, and is joined again where the watcher was', async () => {
      const input = chatInput('slow');
      let seen = '';
      let cursor = 0;
      let turnId = '';
      for await (const event of chat(transport, input)) {
        ({ cursor, turnId } = event);
        if (event.__typename === 'TurnDelta') seen += event.text;
        if (seen.length > 200) break;
      }
      // The same key joins, by chat as by turn.
      const [byTurn, byKey] = await Promise.all([
        watchToEnd(turn(transport, turnId, cursor), cursor),
        watchToEnd(chat(transport, { ...input, after: cursor }), cursor),
      ]);
      expect(seen + byTurn.text).toBe(lorem(400).join(''));
      expect(byKey.text).toBe(byTurn.text);
      expect(byTurn.last.message.content).toBe(seen + byTurn.text);
    });

    it('shows a running turn from every position that there is', async () => {
      const input = chatInput('slow');
      const first = chat(transport, input);
      const { value: started } = await first.next();
      const starts = Array.from({ length: 40 }, (_, index) => index * 7);
      const watchers = starts.map(async (after) => {
        const { text } = await watchToEnd(turn(transport, started.turnId, after), after);
        expect(text).toBe(
          lorem(400)
            .join('')
            .slice(Math.max(0, after - 2)),
        );
      });
      await Promise.all([...watchers, watchToEnd(rest(first), 1)]);
    });

    it('stops on demand: the text is kept and the connection to the provider closed', async () => {
      const input = chatInput(`endless`, { text: `stop over ${transport}` });
      const stream = chat(transport, input);
      const events = [];
      for await (const event of stream) {
        events.push(event);
        if (event.__typename !== 'TurnDelta' || events.length !== 20) continue;
        const { stopTurn } = await server.data(STOP, { id: event.turnId }, user.token);
        expect(stopTurn.status).toBe('STOPPED');
      }
      const last = events.at(-1);
      expect(last).toMatchObject({
        __typename: 'TurnFinished',
        finishReason: 'STOPPED',
        message: { status: 'STOPPED' },
      });
      expect(last?.message.content).toBe(events.map(({ text }) => text ?? '').join(''));
      expect(lorem(2_000).join('').startsWith(last?.message.content)).toBe(true);
      const call = callsFor('endless').at(-1);
      expect((await call?.whenClosed)?.aborted).toBe(true);
    });
  });

  it('makes one turn of twenty equal requests at once, over both transports and as mutations', async () => {
    const input = chatInput('slow', { text: 'only once' });
    const before = callsFor('slow').length;
    const streams = Array.from({ length: 12 }, (_, index) => watchToEnd(chat(index % 2 ? 'ws' : 'sse', input)));
    const mutations = Array.from({ length: 8 }, () => server.data(SEND, { input, wait: true }, user.token));
    const watched = await Promise.all(streams);
    const sent = await Promise.all(mutations);
    const ids = new Set([...watched.map(({ last }) => last.turnId), ...sent.map(({ sendMessage }) => sendMessage.id)]);
    expect(ids.size).toBe(1);
    for (const { text } of watched) expect(text).toBe(lorem(400).join(''));
    for (const { sendMessage } of sent) expect(sendMessage.status).toBe('COMPLETE');
    expect(callsFor('slow').length).toBe(before + 1);
  });

  it('refuses a key that belongs to another prompt, conversation or answer', async () => {
    const input = chatInput('emoji');
    const { sendMessage } = await server.data(SEND, { input, wait: true }, user.token);
    const conversationId = sendMessage.conversation.id;
    const codeOf = async (changes: Record<string, unknown>) =>
      (await server.request(SEND, { input: { ...input, ...changes } }, user.token)).errors?.[0]?.extensions?.code;
    expect(await codeOf({ text: 'another question' })).toBe('CONFLICT');
    expect(await codeOf({ conversationId })).toBeUndefined();
    const other = await server.data(SEND, { input: chatInput('emoji'), wait: true }, user.token);
    expect(await codeOf({ conversationId: other.sendMessage.conversation.id })).toBe('CONFLICT');
    const stranger = await server.register();
    const theirs = await server.data(SEND, { input, wait: true }, stranger.token);
    expect(theirs.sendMessage.id).not.toBe(sendMessage.id);
  });

  it('lets one of two prompts at once go on under an answer, and the other be refused', async () => {
    const { sendMessage } = await server.data(SEND, { input: chatInput('emoji'), wait: true }, user.token);
    const conversationId = sendMessage.conversation.id;
    const results = await Promise.all(
      Array.from({ length: 6 }, () =>
        server.request(SEND, { input: chatInput('slow', { conversationId }) }, user.token),
      ),
    );
    const codes = results.map(({ errors }) => errors?.[0]?.extensions?.code ?? 'started');
    expect(codes.filter((code) => code === 'started')).toHaveLength(1);
    expect(codes.filter((code) => code === 'CONFLICT')).toHaveLength(5);
    const started = results.find(({ data }) => data?.sendMessage)?.data?.sendMessage;
    await server.data(STOP, { id: started.id }, user.token);
  });

  it('tells the model what was said on the branch, and nothing of the others', async () => {
    const ask = async (text: string, more: Record<string, unknown>) => {
      const { sendMessage } = await server.data(
        SEND,
        { input: chatInput('echo', { text, ...more }), wait: true },
        user.token,
      );
      return sendMessage;
    };
    const first = await ask('first', {});
    const conversationId = first.conversation.id;
    const answer = first.assistantMessage.id;
    await ask('second', { conversationId });
    await ask('other second', { conversationId, parentId: answer });
    await ask('third', { conversationId });
    const asked = callsFor('echo').at(-1)?.body as { messages: { content: string }[] };
    expect(asked.messages.map(({ content }) => content)).toEqual([
      'first',
      'first',
      'other second',
      'other second',
      'third',
    ]);
  });

  it('shows the text so far of an answer that is being made, in queries too', async () => {
    const { sendMessage } = await server.data(SEND, { input: chatInput('slow') }, user.token);
    const stream = turn('ws', sendMessage.id);
    for await (const event of stream) if (event.cursor > 300) break;
    const query = `query ($id: ID!) { turn(id: $id) { cursor status conversation { activeTurn { id } } assistantMessage { content } } }`;
    const { turn: found } = await server.data(query, { id: sendMessage.id }, user.token);
    expect(found.status).toBe('GENERATING');
    expect(found.cursor).toBeGreaterThan(300);
    expect(found.conversation.activeTurn.id).toBe(sendMessage.id);
    expect(found.assistantMessage.content.length).toBeGreaterThan(290);
    expect(lorem(400).join('').startsWith(found.assistantMessage.content)).toBe(true);
    await server.data(STOP, { id: sendMessage.id }, user.token);
  });

  it('makes another answer to a prompt, beside the first', async () => {
    const { sendMessage } = await server.data(SEND, { input: chatInput('emoji'), wait: true }, user.token);
    const mutation = `mutation ($input: RegenerateInput!) { regenerate(input: $input, wait: true) {
      id status userMessage { id } assistantMessage { id siblings { id } } conversation { messageCount lastMessage { id } }
    } }`;
    const input = { turnKey: randomUUID(), messageId: sendMessage.assistantMessage.id };
    const results = await Promise.all(Array.from({ length: 5 }, () => server.data(mutation, { input }, user.token)));
    expect(new Set(results.map(({ regenerate }) => regenerate.id)).size).toBe(1);
    const { regenerate } = results[0] ?? {};
    expect(regenerate.userMessage.id).toBe(sendMessage.userMessage.id);
    expect(regenerate.conversation).toEqual({ messageCount: 3, lastMessage: { id: regenerate.assistantMessage.id } });
    expect(regenerate.assistantMessage.siblings.map(({ id }: { id: string }) => id)).toEqual([
      sendMessage.assistantMessage.id,
      regenerate.assistantMessage.id,
    ]);
  });
});

async function* rest<Item>(iterator: AsyncGenerator<Item>): AsyncGenerator<Item> {
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
}
