import { randomUUID } from 'node:crypto';
import type { ExecutionResult } from 'graphql';
import { startScriptedHub } from '../scripted-hub.ts';
import { startScriptedUpstream } from '../scripted-upstream.ts';
import { type Data, startTestServer, subscribe } from '../server.ts';
import { postForm, uploadFile } from '../uploads.ts';

export const ASKERS = ['anonymous', 'user', 'other user', 'key', 'other key', 'admin'] as const;
export type Asker = (typeof ASKERS)[number];

/** Whose the things are that are asked for. */
export type Owner = 'user' | 'key';

/** Global ids of what an owner has. */
export type Things = {
  conversation: string;
  prompt: string;
  answer: string;
  turn: string;
  turnKey: string;
  /** Of a turn that has failed. */
  failedTurn: string;
  failedAnswer: string;
  collection: string;
  file: string;
};

export type AccessWorld = Awaited<ReturnType<typeof createAccessWorld>>;

export const PULLED = 'llama-cpp/hf:owner/repository/model.gguf';
const QUESTION = 'How deep is the river?';

/** A server with all the people and keys of the table, and what they own. Closed with `close`. */
export async function createAccessWorld() {
  const upstream = await startScriptedUpstream({
    plans: {
      broken: { fault: { type: 'status', status: 400 } },
      scripted: { reasoning: ['Hm. '], tokens: ['Very ', 'deep [1].'] },
    },
    models: [{ id: 'scripted', object: 'model' }],
  });
  const hub = await startScriptedHub({ files: { 'owner/repository/model.gguf': Buffer.from('no model '.repeat(99)) } });
  const server = await startTestServer({
    shared: true,
    openAiUrl: upstream.url,
    environment: { DEFAULT_MODEL: 'openai/scripted', HF_ENDPOINT: hub.url, LOGIN_ATTEMPTS_PER_MINUTE: '10000' },
  });
  const admin = await server.register('the-admin');
  const user = await server.register('the-user');
  const otherUser = await server.register('the-other-user');
  const tokens: Record<Asker, string | undefined> = {
    anonymous: undefined,
    user: user.token,
    'other user': otherUser.token,
    key: undefined,
    'other key': undefined,
    admin: admin.token,
  };
  const collections: Partial<Record<Owner, string>> = { user: await makeCollection('user') };
  const keys: Partial<Record<'key' | 'other key', Data>> = {};
  for (const name of ['key', 'other key'] as const) {
    const collectionId = await makeCollection('admin', name);
    if (name === 'key') collections.key = collectionId;
    const systemPromptId = await makeSystemPrompt();
    const { createApiKey: made } = await server.data(
      `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret apiKey { id } } }`,
      { input: { clientName: name, collectionId, systemPromptId } },
      admin.token,
    );
    tokens[name] = made.secret;
    keys[name] = { id: made.apiKey.id, secret: made.secret };
  }

  /** As somebody, who has to be answered. */
  const as = (asker: Asker, query: string, variables: Data = {}) => server.data(query, variables, tokens[asker]);

  async function ask(asker: Asker, query: string, variables: Data = {}): Promise<ExecutionResult<Data>> {
    if (!query.startsWith('subscription')) return server.request(query, variables, tokens[asker]);
    const results: ExecutionResult<Data>[] = [];
    for await (const result of subscribe(server, 'sse', tokens[asker] ?? '', query, variables)) results.push(result);
    const errors = results.flatMap((result) => result.errors ?? []);
    return { ...(errors.length > 0 && { errors }), data: { events: results.map(({ data }) => data) } };
  }

  /** With an import of which one conversation is broken, as the input's file. */
  async function askWithFile(asker: Asker, query: string): Promise<ExecutionResult<Data>> {
    const content = { format: 'colloquy.conversations', version: 1, exportedAt: new Date(0), conversations: [{}] };
    const form = new FormData();
    form.append('operations', JSON.stringify({ query, variables: { input: { file: null } } }));
    form.append('map', JSON.stringify({ 0: ['variables.input.file'] }));
    form.append('0', new Blob([JSON.stringify(content)]), 'conversations.json');
    return (await postForm(server, form, tokens[asker])).body;
  }

  async function makeCollection(asker: Asker, name: string = randomUUID()): Promise<string> {
    const query = 'mutation ($name: String!) { createCollection(name: $name) { id } }';
    return (await server.data(query, { name }, tokens[asker])).createCollection.id;
  }

  async function makeSystemPrompt(): Promise<string> {
    const query = 'mutation ($input: CreateSystemPromptInput!) { createSystemPrompt(input: $input) { id } }';
    const input = { name: randomUUID(), text: 'Be brief.' };
    return (await server.data(query, { input }, admin.token)).createSystemPrompt.id;
  }

  /** Of a file of the owner's, in the collection that its owner may use. */
  async function makeFile(owner: Owner, text = randomUUID()): Promise<string> {
    const { body } = await uploadFile(server, text, { token: tokens[owner], collectionId: collections[owner] ?? null });
    if (!body.data) throw new Error(JSON.stringify(body));
    return body.data.uploadFile.id;
  }

  async function makeTurn(owner: Asker, input: Data = {}): Promise<Data> {
    const query = `mutation ($input: ChatInput!) { sendMessage(input: $input, wait: true) {
      id key conversation { id } userMessage { id } assistantMessage { id citations { index } } } }`;
    return (await as(owner, query, { input: { turnKey: randomUUID(), text: QUESTION, ...input } })).sendMessage;
  }

  async function makeThings(owner: Owner): Promise<Things> {
    const file = await makeFile(owner, `The river is very deep. ${randomUUID()}`);
    await ask(owner, 'subscription ($id: ID!) { fileProgress(id: $id) { file { status } } }', { id: file });
    const turn = await makeTurn(owner);
    if (turn.assistantMessage.citations.length === 0) throw new Error('Nothing was found.');
    const failed = await makeTurn(owner, { model: 'openai/broken' });
    const rate = 'mutation ($id: ID!) { rateMessage(id: $id, rating: UP) { id } }';
    await as(owner, rate, { id: turn.assistantMessage.id });
    return {
      conversation: turn.conversation.id,
      prompt: turn.userMessage.id,
      answer: turn.assistantMessage.id,
      turn: turn.id,
      turnKey: turn.key,
      failedTurn: failed.id,
      failedAnswer: failed.assistantMessage.id,
      collection: collections[owner] ?? '',
      file,
    };
  }

  const things = { user: await makeThings('user'), key: await makeThings('key') };
  const version = await as(
    'admin',
    `mutation { createModelVersion(input: { provider: OPENAI, modelName: "scripted", versionTag: "1" }) { id } }`,
  );
  const { auditEvents } = await as('admin', '{ auditEvents(first: 1) { edges { node { id } } } }');
  return {
    server,
    ask,
    askWithFile,
    as,
    tokens,
    things,
    people: { admin, user, 'other user': otherUser },
    keys: keys as Record<'key' | 'other key', { id: string; secret: string }>,
    ids: {
      systemPrompt: await makeSystemPrompt(),
      modelVersion: version.createModelVersion.id as string,
      auditEvent: auditEvents.edges[0].node.id as string,
    },
    makeCollection,
    makeSystemPrompt,
    makeFile,
    makeTurn,
    async close(): Promise<void> {
      await server.close();
      await Promise.all([upstream.close(), hub.close()]);
    },
  };
}
