import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type ChatCompletionBody, type ScriptedUpstream, startScriptedUpstream } from './scripted-upstream.ts';
import { createMemoryVectors, createTopicEmbedder, seedFile } from './seeded-files.ts';
import {
  type Data,
  type Engine,
  startTestServer,
  subscribe,
  type TestServer,
  type TestUser,
  type Transport,
} from './server.ts';

const PASSAGE = 'fileName text page start end score denseRank lexicalRank rerankScore file { id name }';
export const CITATIONS = `citations { index passage { ${PASSAGE} } }`;
const EVENTS = `__typename cursor ... on TurnStarted { turn { id } } ... on TurnRetrieved { degraded ${CITATIONS} }
  ... on TurnDelta { text } ... on TurnFinished { message { id status content degraded ${CITATIONS} } } ... on TurnFailed { error { code } }`;
export const CHAT = `subscription ($input: ChatInput!) { chat(input: $input) { ${EVENTS} } }`;
export const TURN = `subscription ($id: ID!, $after: Int) { turn(id: $id, after: $after) { ${EVENTS} } }`;
const ANSWER = `id status conversation { id } userMessage { id } assistantMessage { id status content ${CITATIONS} }`;
export const SEND = `mutation ($input: ChatInput!) { sendMessage(input: $input, wait: true) { ${ANSWER} } }`;
export const REGENERATE = `mutation ($input: RegenerateInput!) { regenerate(input: $input, wait: true) { ${ANSWER} } }`;
export const STOP = 'mutation ($id: ID!) { stopTurn(id: $id) { status } }';

export const TERMS = [
  { text: 'General terms of the Kettle company. ', page: 1 },
  { text: 'The warranty of the kettle is two years from the day of purchase. ', page: 2 },
  { text: 'Claims under the warranty are made in writing, with the receipt.\n\n', page: 2 },
  { text: 'Deliveries arrive within five working days.', page: 3 },
];
export const QUESTION = 'How long is the warranty of the kettle?';
export const embedder = createTopicEmbedder('ollama/topics', [
  ['warranty', 'guarantee'],
  ['automobile', 'car'],
  ['delivery'],
]);

export const isRewrite = ({ messages }: ChatCompletionBody) =>
  messages[0]?.content.includes('without the conversation') ?? false;
const isRerank = ({ messages }: ChatCompletionBody) =>
  messages[0]?.content.includes('how well passages answer') ?? false;

export type GroundedWorld = ReturnType<typeof createGroundedWorld>;

/** A server with a model that says one thing, vectors in memory, and for every test a user who has a file with TERMS. */
export function createGroundedWorld(engine: Engine) {
  const world = {
    vectors: createMemoryVectors(),
    /** What the model says that is asked beside the answer itself. */
    helpers: {} as { rewrite?: string; rerank?: string },
  } as {
    vectors: ReturnType<typeof createMemoryVectors>;
    helpers: { rewrite?: string; rerank?: string };
    upstream: ScriptedUpstream;
    server: TestServer;
    user: TestUser;
    fileId: string;
  };

  beforeAll(async () => {
    world.upstream = await startScriptedUpstream({
      script: (body) => {
        if (isRewrite(body)) return { tokens: [world.helpers.rewrite ?? ''] };
        if (isRerank(body)) return { tokens: [world.helpers.rerank ?? 'no idea'] };
        return { tokens: ['Two ', 'years ', '[1].'] };
      },
    });
    world.server = await startTestServer({
      engine,
      shared: true,
      openAiUrl: world.upstream.url,
      environment: { DEFAULT_MODEL: 'openai/scripted' },
      overrides: {
        knowledge: { vectors: world.vectors, embedderFor: (model) => (model === embedder.model ? embedder : null) },
      },
    });
  });
  afterAll(async () => {
    await world.server.close();
    await world.upstream.close();
  });
  beforeEach(async () => {
    world.helpers = {};
    world.vectors.fault = null;
    world.user = await world.server.register();
    world.fileId = await seedFile(world.server, world.user, { name: 'terms.pdf', chunks: TERMS });
  });

  const bodies = () =>
    world.upstream.requests.map(({ body }) => body as ChatCompletionBody).filter(({ messages }) => messages);
  const input = (more: object = {}) => ({ turnKey: randomUUID(), text: QUESTION, ...more });

  return Object.assign(world, {
    /** What models were asked, oldest first. */
    bodies,
    /** What the model that answers was told last. */
    told: (): string => bodies().at(-1)?.messages.at(-1)?.content ?? '',
    input,
    send: async (more: object = {}, token = world.user.token): Promise<Data> =>
      (await world.server.data(SEND, { input: input(more) }, token)).sendMessage,
    filesOf: ({ assistantMessage }: Data): string[] => [
      ...new Set<string>(assistantMessage.citations.map(({ passage }: Data) => passage.file.id)),
    ],
    async events(
      transport: Transport,
      query: string,
      variables: object,
      target: TestServer = world.server,
    ): Promise<Data[]> {
      const seen: Data[] = [];
      for await (const { data, errors } of subscribe(target, transport, world.user.token, query, variables as Data)) {
        if (errors) throw new Error(JSON.stringify(errors));
        seen.push(Object.values(data ?? {})[0]);
      }
      return seen;
    },
  });
}
