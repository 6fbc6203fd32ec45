import { describe, expect, it, onTestFinished } from 'vitest';
import { startScriptedUpstream } from '../support/scripted-upstream.ts';
import { type Engine, startTestServer, subscribe } from '../support/server.ts';
import { chatInput, SEND } from '../support/turns.ts';

const LEAF = `query ($id: ID!) { node(id: $id) { ... on Message { newestLeaf { id } finishReason } } }`;
const REGENERATE = `mutation ($input: RegenerateInput!) { regenerate(input: $input, wait: true) { assistantMessage { id } } }`;

describe.each<Engine>(['pglite', 'postgresql'])('the way down from a message, on %s', (engine) => {
  it('leads to the end of the newest branch that goes on from it', async () => {
    const upstream = await startScriptedUpstream();
    onTestFinished(() => upstream.close());
    const server = await startTestServer({ engine, openAiUrl: upstream.url });
    const { token } = await server.register();
    const ask = async (more: Record<string, unknown>) => {
      const { sendMessage } = await server.data(SEND, { input: chatInput('echo', more), wait: true }, token);
      return {
        conversationId: sendMessage.conversation.id as string,
        prompt: sendMessage.userMessage.id as string,
        answer: sendMessage.assistantMessage.id as string,
      };
    };
    const leafOf = async (id: string) => (await server.data(LEAF, { id }, token)).node.newestLeaf.id;

    const first = await ask({});
    const { conversationId } = first;
    const second = await ask({ conversationId });
    expect(await leafOf(first.prompt)).toBe(second.answer);
    const edited = await ask({ conversationId, parentId: first.answer });
    const after = await ask({ conversationId });
    expect(await leafOf(first.answer)).toBe(after.answer);
    expect(await leafOf(edited.prompt)).toBe(after.answer);
    expect(await leafOf(second.prompt)).toBe(second.answer);

    const input = { turnKey: crypto.randomUUID(), messageId: second.answer };
    const { regenerate } = await server.data(REGENERATE, { input }, token);
    expect(await leafOf(second.prompt)).toBe(regenerate.assistantMessage.id);
    expect(await leafOf(second.answer)).toBe(second.answer);
    const atRoot = await ask({ conversationId, parentId: conversationId });
    expect(await leafOf(atRoot.prompt)).toBe(atRoot.answer);
    expect(await leafOf(first.prompt)).toBe(regenerate.assistantMessage.id);
    expect((await server.data(LEAF, { id: atRoot.answer }, token)).node.finishReason).toBe('STOP');
  });

  it('is told of a deleted conversation, but only of the viewer’s', async () => {
    const server = await startTestServer({ engine });
    const [mine, other] = await Promise.all([server.register(), server.register()]);
    const create = 'mutation { createConversation(input: { title: "x" }) { id } }';
    const remove = 'mutation ($id: ID!) { deleteConversation(id: $id) }';
    const deleted = subscribe(server, 'ws', mine.token, 'subscription { conversationDeleted }');
    const next = deleted.next();
    const theirs = (await server.data(create, {}, other.token)).createConversation.id;
    const own = (await server.data(create, {}, mine.token)).createConversation.id;
    // The socket has to stand before anything is deleted; a second one opened after it answers later.
    for await (const _ of subscribe(server, 'ws', mine.token, '{ health { status } }')) break;
    await server.data(remove, { id: theirs }, other.token);
    await server.data(remove, { id: own }, mine.token);
    expect((await next).value.data).toEqual({ conversationDeleted: own });
    await deleted.return?.();
  });
});
