import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { ScriptedUpstreamOptions } from '../scripted-upstream.ts';
import { type StreamPlan, words } from '../stream-plan.ts';
import { EARLIER, HERO, LOAD, SHORT, SLOW } from './answers.ts';
import { BROKEN, DOCUMENTS } from './documents.ts';
import { ADA, KEYS, OTHERS, PROMPTS } from './people.ts';

/** What the model of the pictures answers. */
export const script: ScriptedUpstreamOptions['script'] = ({ messages }): StreamPlan | undefined => {
  const prompt = messages.findLast(({ role }) => role === 'user')?.content ?? '';
  if (prompt.includes(HERO.prompt)) return { tokens: words(HERO.answer), reasoning: words(HERO.reasoning) };
  if (prompt.includes(LOAD.prompt)) {
    return { tokens: words(LOAD.answer), firstTokenDelayMs: 80 + (prompt.length % 4) * 90, intervalMs: 50 };
  }
  if (prompt.includes(SLOW.prompt)) return { tokens: words(SLOW.answer), intervalMs: 60 };
  return { tokens: words('So it stands in the documents [1].'), firstTokenDelayMs: 120, intervalMs: 15 };
};

export const MODELS = ['atlas-large', 'atlas-small'].map((id) => ({ id, object: 'model', created: 1760000000 }));

/** Of the Ollama beside it. */
export const OLLAMA_MODELS = [
  { name: 'llama3.2:3b', sizeBytes: 2_019_393_189 },
  { name: 'qwen3:8b', sizeBytes: 5_225_388_164, family: 'qwen3', contextLength: 40_960 },
];

export const ENVIRONMENT = { DEFAULT_MODEL: 'openai/atlas-large' } as const;

export type World = {
  heroPath: string;
  slowPrompt: string;
  /** Of the prompt with the most revisions. */
  promptPath: string;
  /** Of the keys of programs. */
  secrets: readonly string[];
};

/** How long all files together have to be read. */
const READ_MS = 60_000;

/** Fills an empty server with what the pictures show. Throws what the server answers when it refuses. */
export async function fillWorld(url: string): Promise<World> {
  const graph = createGraph(url);
  const { register } = await graph(REGISTER, { input: ADA });
  const token: string = register.accessToken;
  for (const { username, role } of OTHERS) {
    const input = { username, password: ADA.password, email: `${username}@skerrymore.example` };
    await graph(CREATE_USER, { input, role }, token);
  }
  const collections = await uploadAll(url, graph, token);
  let promptPath = '';
  for (const { name, texts } of PROMPTS) {
    const [text, ...later] = texts;
    const { createSystemPrompt } = await graph(CREATE_PROMPT, { input: { name, text } }, token);
    for (const [index, next] of later.entries()) {
      const input = { id: createSystemPrompt.id, text: next, version: String(index + 2) };
      await graph(UPDATE_PROMPT, { input }, token);
    }
    promptPath = `/admin/prompts/${createSystemPrompt.id}`;
  }
  const secrets: string[] = [];
  for (const { collection, ...key } of KEYS) {
    const collectionId = collection && collections.get(collection);
    const { createApiKey } = await graph(
      CREATE_KEY,
      { input: { ...key, ...(collectionId && { collectionId }) } },
      token,
    );
    secrets.push(createApiKey.secret);
  }
  await importEarlier(url, token);
  for (const secret of secrets.slice(0, 2)) {
    await graph(SEND, { input: { turnKey: randomUUID(), text: SHORT[0] } }, secret);
  }
  for (const text of SHORT) await graph(SEND, { input: { turnKey: randomUUID(), text } }, token);
  const { sendMessage } = await graph(SEND, { input: { turnKey: randomUUID(), text: HERO.prompt } }, token);
  // What was only asked to make some load is not worth a line in the list.
  const { conversations } = await graph(CONVERSATIONS, {}, token);
  for (const { node } of conversations.edges) {
    if (SHORT.includes(node.title)) await graph(ARCHIVE, { input: { id: node.id, archived: true } }, token);
  }
  return { heroPath: `/c/${sendMessage.conversation.id}`, slowPrompt: SLOW.prompt, promptPath, secrets };
}

/** Lets programs ask, now many at once and now few, until the signal is aborted: its charts have something to show. */
export async function makeLoad(url: string, { secrets }: World, signal: AbortSignal): Promise<void> {
  const graph = createGraph(url);
  const asked: Promise<unknown>[] = [];
  for (let wave = 0; !signal.aborted; wave += 1) {
    const number = Math.round(2 + 2 * Math.sin(wave / 2));
    for (let index = 0; index < number; index += 1) {
      const text = `${LOAD.prompt} ${wave}${'.'.repeat(index)}`;
      const answer = graph(SEND, { input: { turnKey: randomUUID(), text } }, secrets[index % secrets.length]);
      // One that breaks off is less load, and no more.
      asked.push(answer.catch(() => {}));
    }
    await setTimeout(WAVE_MS, undefined, { signal }).catch(() => {});
  }
  await Promise.all(asked);
}

const WAVE_MS = 2_500;

// biome-ignore lint/suspicious/noExplicitAny: its shape is the document's, which stands beside it
type Answer = Record<string, any>;
type Graph = (query: string, variables: Record<string, unknown>, token?: string) => Promise<Answer>;

function createGraph(url: string): Graph {
  return async (query, variables, token) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data?: Answer; errors?: unknown };
    if (!data || errors) throw new Error(`${JSON.stringify(errors)} for ${query}`);
    return data;
  };
}

/** Returns the ids of the collections by their names. */
async function uploadAll(url: string, graph: Graph, token: string): Promise<ReadonlyMap<string, string>> {
  const collections = new Map<string, string>();
  for (const { name, collection, text } of [...DOCUMENTS, BROKEN]) {
    if (!collections.has(collection)) {
      const { createCollection } = await graph(CREATE_COLLECTION, { name: collection }, token);
      collections.set(collection, createCollection.id);
    }
    const query = new URLSearchParams({ name, collectionId: collections.get(collection) ?? '' });
    const response = await fetch(`${url}/files?${query}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: text,
    });
    if (!response.ok) throw new Error(`${name}: ${await response.text()}`);
  }
  const deadline = Date.now() + READ_MS;
  while (Date.now() < deadline) {
    const { files } = await graph('{ files(first: 50) { edges { node { status } } } }', {}, token);
    const isRead = files.edges.every(({ node }: Answer) => node.status === 'READY' || node.status === 'FAILED');
    if (isRead) return collections;
    await setTimeout(100);
  }
  throw new Error('The files were not read in time.');
}

async function importEarlier(url: string, token: string): Promise<void> {
  const conversations = EARLIER.map(({ daysAgo, title, prompt, answer, pinned = false }, index) => {
    const time = (minutes: number) => new Date(Date.now() - daysAgo * 86_400_000 - minutes * 60_000).toISOString();
    const [asked, answered] = [time(30 + index * 7), time(29 + index * 7)];
    return {
      id: `earlier-${index}`,
      title,
      pinned,
      createdAt: asked,
      updatedAt: answered,
      activeAt: answered,
      messages: [
        { id: 'prompt', role: 'USER', content: prompt, createdAt: asked },
        { id: 'answer', parentId: 'prompt', role: 'ASSISTANT', content: answer, createdAt: answered },
      ],
    };
  });
  const response = await fetch(`${url}/import`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ format: 'colloquy.conversations', version: 1, conversations }),
  });
  const result = (await response.json()) as { imported?: number };
  if (result.imported !== conversations.length) throw new Error(JSON.stringify(result));
}

const REGISTER = 'mutation ($input: RegisterInput!) { register(input: $input) { accessToken } }';
const CREATE_USER = 'mutation ($input: RegisterInput!, $role: Role!) { createUser(input: $input, role: $role) { id } }';
const CREATE_COLLECTION = 'mutation ($name: String!) { createCollection(name: $name) { id } }';
const CREATE_PROMPT = 'mutation ($input: CreateSystemPromptInput!) { createSystemPrompt(input: $input) { id } }';
const UPDATE_PROMPT = 'mutation ($input: UpdateSystemPromptInput!) { updateSystemPrompt(input: $input) { id } }';
const CREATE_KEY = 'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }';
const SEND = `mutation ($input: ChatInput!) {
  sendMessage(input: $input, wait: true) { conversation { id } status }
}`;
const CONVERSATIONS = '{ conversations(first: 50) { edges { node { id title } } } }';
const ARCHIVE = 'mutation ($input: UpdateConversationInput!) { updateConversation(input: $input) { id } }';
