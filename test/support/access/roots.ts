import { randomUUID } from 'node:crypto';
import { codeOf } from '../errors.ts';
import { type Data, PASSWORD, subscribe } from '../server.ts';
import { uploadFile } from '../uploads.ts';
import { type AccessWorld, type Asker, type Owner, PULLED, type Things } from './world.ts';

export type About = { world: AccessWorld; things: Things; owner: Owner; asker: Asker };

/** How a root field is asked for. */
export type RootCase = {
  document: string;
  /** Where sending the document is not all. Returns what the cell says. */
  run?: (document: string, about: About) => Promise<string>;
  /** Its things are asked for: once of a user, once of a key. Left out: there is one of it, or each has his own. */
  owned?: true;
  variables?: (about: About) => Data | Promise<Data>;
  /** What stands in an answer that shows the owner's things. Left out: any answer but null. */
  shows?: (things: Things) => string;
};

const chat = (input: object) => ({ input: { turnKey: randomUUID(), text: 'How deep is the river?', ...input } });
const ofThing = (thing: keyof Things): Pick<RootCase, 'owned' | 'variables'> => ({
  owned: true,
  variables: ({ things }) => ({ id: things[thing] }),
});
/** Each asker is given another one, because whoever may do it uses it up. */
const ofFresh = (
  make: (world: AccessWorld, owner: Owner) => Promise<string>,
): Pick<RootCase, 'owned' | 'variables'> => ({
  owned: true,
  variables: async ({ world, owner }) => ({ id: await make(world, owner) }),
});
const freshKey = async (world: AccessWorld) => {
  const query = `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { id } } }`;
  const { createApiKey } = await world.as('admin', query, { input: { clientName: randomUUID() } });
  return createApiKey.apiKey.id as string;
};
const freshVersion = async (world: AccessWorld) => {
  const query = 'mutation ($input: ModelVersionInput!) { createModelVersion(input: $input) { id } }';
  return (await world.as('admin', query, version())).createModelVersion.id as string;
};
const freshUser = async (world: AccessWorld) => (await world.server.register()).id;
const version = () => ({ input: { provider: 'OPENAI', modelName: 'some', versionTag: randomUUID() } });
const account = () => ({ input: { username: `u-${randomUUID().slice(0, 20)}`, password: PASSWORD } });
/** Another sign-in of the asker: of a user where the asker has none. */
const signIn = async (asker: Asker, world: AccessWorld) => {
  const { people } = world;
  const person = asker in people ? people[asker as keyof typeof people] : people.user;
  const query = 'mutation ($input: LoginInput!) { login(input: $input) { accessToken refreshToken } }';
  const input = { username: person.username, password: PASSWORD };
  return (await world.server.data(query, { input })).login as { accessToken: string; refreshToken: string };
};

/** Puts a file into a collection, or outside of any. */
const upload = (collectionOf: (things: Things) => string | null) => async (_document: string, about: About) => {
  const { world, things, asker } = about;
  const target = { token: world.tokens[asker], collectionId: collectionOf(things) };
  return codeOf((await uploadFile(world.server, randomUUID(), target)).body) ?? 'yes';
};

/**
 * Listens while something happens to the owner's and then to the asker's own, again and again: nobody says when a
 * subscription has begun. What is told of the owner's by the time that the asker's own is told of decides.
 */
const listen =
  (
    happen: (world: AccessWorld, asker: Asker, conversation: string) => Promise<string>,
    variables: (things: Things) => Data,
  ) =>
  async (document: string, { world, things, owner, asker }: About): Promise<string> => {
    const own = asker === owner || asker === 'anonymous' ? null : (await world.makeTurn(asker)).conversation.id;
    const events = subscribe(world.server, 'sse', world.tokens[asker] ?? '', document, variables(things));
    const told: string[] = [];
    let code: string | undefined;
    const listening = (async () => {
      for await (const result of events) {
        code ??= codeOf(result);
        const [answer] = Object.values((result.data ?? {}) as Data);
        if (answer) told.push(answer.id ?? answer);
      }
    })();
    const theirs = new Set<string>();
    const mine = new Set<string>();
    const isOver = () => code !== undefined || told.some((id) => (own === null ? theirs : mine).has(id));
    while (!isOver()) {
      theirs.add(await happen(world, owner, things.conversation));
      if (own !== null) mine.add(await happen(world, asker, own));
    }
    await events.return?.();
    await listening;
    return code ?? (told.some((id) => theirs.has(id)) ? 'yes' : 'not it');
  };

/** The first event of what does not end by itself. */
const first = async (document: string, { world, asker }: About): Promise<string> => {
  for await (const result of subscribe(world.server, 'sse', world.tokens[asker] ?? '', document)) {
    return codeOf(result) ?? 'yes';
  }
  return 'nothing';
};

const pin = async (world: AccessWorld, asker: Asker, id: string) => {
  const query = 'mutation ($id: ID!, $is: Boolean) { updateConversation(input: { id: $id, pinned: $is }) { id } }';
  for (const is of [true, false]) await world.as(asker, query, { id, is });
  return id;
};
const removeOne = async (world: AccessWorld, asker: Asker) => {
  const { createConversation } = await world.as(asker, 'mutation { createConversation(input: {}) { id } }');
  const { id } = createConversation;
  await world.as(asker, 'mutation ($id: ID!) { deleteConversation(id: $id) }', { id });
  return id as string;
};

const QUERIES: Record<string, RootCase> = {
  health: { document: '{ health { status } }' },
  viewer: { document: '{ viewer { isAdmin } }' },
  node: { document: 'query ($id: ID!) { node(id: $id) { id } }', ...ofThing('conversation') },
  nodes: {
    document: 'query ($id: ID!) { nodes(ids: [$id]) { id } }',
    ...ofThing('answer'),
    shows: ({ answer }) => answer,
  },
  conversations: {
    document: '{ conversations { edges { node { id } } } }',
    owned: true,
    shows: ({ conversation }) => conversation,
  },
  conversation: { document: 'query ($id: ID!) { conversation(id: $id) { id } }', ...ofThing('conversation') },
  turn: { document: 'query ($id: ID!) { turn(id: $id) { id } }', ...ofThing('turn') },
  'turn (key)': {
    document: 'query ($key: UUID!) { turn(key: $key) { id } }',
    owned: true,
    variables: ({ things }) => ({ key: things.turnKey }),
  },
  files: { document: '{ files { edges { node { id } } } }', owned: true, shows: ({ file }) => file },
  'files (filter.collectionId)': {
    document: 'query ($id: ID) { files(filter: { collectionId: $id }) { edges { node { id } } } }',
    ...ofThing('collection'),
    shows: ({ file }) => file,
  },
  file: { document: 'query ($id: ID!) { file(id: $id) { id } }', ...ofThing('file') },
  collections: {
    document: '{ collections { edges { node { id } } } }',
    owned: true,
    shows: ({ collection }) => collection,
  },
  search: {
    document: '{ search(input: { text: "deep river" }) { file { id } } }',
    owned: true,
    shows: ({ file }) => file,
  },
  'search (input.collectionIds)': {
    document: 'query ($id: ID!) { search(input: { text: "deep river", collectionIds: [$id] }) { file { id } } }',
    ...ofThing('collection'),
    shows: ({ file }) => file,
  },
  'search (input.fileIds)': {
    document: 'query ($id: ID!) { search(input: { text: "deep river", fileIds: [$id] }) { file { id } } }',
    ...ofThing('file'),
    shows: ({ file }) => file,
  },
  models: { document: '{ models { id } }' },
  providers: { document: '{ providers { state } }' },
  modelVersions: { document: '{ modelVersions { totalCount } }' },
  modelPulls: { document: '{ modelPulls { model } }' },
  modelFiles: { document: '{ modelFiles(source: "llama-cpp/hf:owner/repository") { name } }' },
  stats: { document: '{ stats { __typename } }' },
  users: { document: '{ users { totalCount } }' },
  systemPrompts: { document: '{ systemPrompts { totalCount } }' },
  systemPrompt: {
    document: 'query ($id: ID!) { systemPrompt(id: $id) { id } }',
    variables: ({ world }) => ({ id: world.ids.systemPrompt }),
  },
  apiKeys: { document: '{ apiKeys { totalCount } }' },
  apiKeyStatus: {
    document: 'query ($secret: String!) { apiKeyStatus(secret: $secret) { exists } }',
    variables: ({ world }) => ({ secret: world.keys.key.secret }),
  },
  auditEvents: { document: '{ auditEvents { totalCount } }' },
};

const MUTATIONS: Record<string, RootCase> = {
  register: {
    document: 'mutation ($input: RegisterInput!) { register(input: $input) { tokenType } }',
    variables: account,
  },
  login: {
    document: 'mutation ($input: LoginInput!) { login(input: $input) { tokenType } }',
    variables: ({ world }) => ({ input: { username: world.people.user.username, password: PASSWORD } }),
  },
  refresh: {
    document: 'mutation ($token: String!) { refresh(refreshToken: $token) { tokenType } }',
    variables: async ({ world, asker }) => ({ token: (await signIn(asker, world)).refreshToken }),
  },
  changePassword: {
    document: 'mutation ($p: String!) { changePassword(current: $p, next: $p) { tokenType } }',
    variables: () => ({ p: PASSWORD }),
  },
  createConversation: { document: 'mutation { createConversation(input: { title: "One" }) { id } }' },
  'createConversation (input.systemPromptId)': {
    document: 'mutation ($id: ID) { createConversation(input: { systemPromptId: $id }) { id } }',
    variables: ({ world }) => ({ id: world.ids.systemPrompt }),
  },
  updateConversation: {
    document: 'mutation ($id: ID!) { updateConversation(input: { id: $id, pinned: true }) { id } }',
    ...ofThing('conversation'),
  },
  deleteConversation: {
    document: 'mutation ($id: ID!) { deleteConversation(id: $id) }',
    ...ofFresh(async (world, owner) => (await world.makeTurn(owner)).conversation.id),
  },
  sendMessage: {
    document: 'mutation ($input: ChatInput!) { sendMessage(input: $input, wait: true) { id } }',
    variables: () => chat({}),
  },
  'sendMessage (input.conversationId)': {
    document: 'mutation ($input: ChatInput!) { sendMessage(input: $input, wait: true) { id } }',
    owned: true,
    variables: ({ things }) => chat({ conversationId: things.conversation }),
  },
  'sendMessage (input.retrieval.collectionIds)': {
    document: 'mutation ($input: ChatInput!) { sendMessage(input: $input, wait: true) { id } }',
    owned: true,
    variables: ({ things }) => chat({ retrieval: { collectionIds: [things.collection] } }),
  },
  'sendMessage (input.retrieval.fileIds)': {
    document: 'mutation ($input: ChatInput!) { sendMessage(input: $input, wait: true) { id } }',
    owned: true,
    variables: ({ things }) => chat({ retrieval: { fileIds: [things.file] } }),
  },
  regenerate: {
    document: 'mutation ($input: RegenerateInput!) { regenerate(input: $input, wait: true) { id } }',
    owned: true,
    variables: ({ things }) => ({ input: { turnKey: randomUUID(), messageId: things.answer } }),
  },
  stopTurn: { document: 'mutation ($id: ID!) { stopTurn(id: $id) { id } }', ...ofThing('turn') },
  rateMessage: { document: 'mutation ($id: ID!) { rateMessage(id: $id, rating: UP) { id } }', ...ofThing('answer') },
  createCollection: { document: 'mutation { createCollection(name: "One") { id } }' },
  'createCollection (visibility: SHARED)': {
    document: 'mutation { createCollection(name: "One", visibility: SHARED) { id } }',
  },
  updateCollection: {
    document: 'mutation ($id: ID!) { updateCollection(id: $id, description: "One") { id } }',
    ...ofThing('collection'),
  },
  deleteCollection: {
    document: 'mutation ($id: ID!) { deleteCollection(id: $id) }',
    variables: async ({ world }) => ({ id: await world.makeCollection('user') }),
  },
  uploadFile: { document: '', run: upload(() => null) },
  'uploadFile (input.collectionId)': { document: '', owned: true, run: upload(({ collection }) => collection) },
  deleteFile: {
    document: 'mutation ($id: ID!) { deleteFile(id: $id) }',
    ...ofFresh((world, owner) => world.makeFile(owner)),
  },
  retryFile: { document: 'mutation ($id: ID!) { retryFile(id: $id) { id } }', ...ofThing('file') },
  importConversations: {
    document: 'mutation ($input: ImportConversationsInput!) { importConversations(input: $input) { imported } }',
    run: async (query, { world, asker }) => codeOf(await world.askWithFile(asker, query)) ?? 'yes',
  },
  createUser: {
    document: 'mutation ($input: RegisterInput!) { createUser(input: $input) { id } }',
    variables: account,
  },
  updateUser: {
    document: 'mutation ($id: ID!) { updateUser(id: $id, disabled: true) { id } }',
    variables: async ({ world }) => ({ id: await freshUser(world) }),
  },
  deleteUser: {
    document: 'mutation ($id: ID!) { deleteUser(id: $id) }',
    variables: async ({ world }) => ({ id: await freshUser(world) }),
  },
  createSystemPrompt: {
    document: 'mutation ($name: String!) { createSystemPrompt(input: { name: $name, text: "Be." }) { id } }',
    variables: () => ({ name: randomUUID() }),
  },
  updateSystemPrompt: {
    document: 'mutation ($id: ID!) { updateSystemPrompt(input: { id: $id, text: "Be." }) { id } }',
    variables: ({ world }) => ({ id: world.ids.systemPrompt }),
  },
  restoreSystemPrompt: {
    document: 'mutation ($id: ID!) { restoreSystemPrompt(id: $id, revision: 1) { id } }',
    variables: ({ world }) => ({ id: world.ids.systemPrompt }),
  },
  deleteSystemPrompt: {
    document: 'mutation ($id: ID!) { deleteSystemPrompt(id: $id) }',
    variables: async ({ world }) => ({ id: await world.makeSystemPrompt() }),
  },
  createApiKey: {
    document: 'mutation ($name: String!) { createApiKey(input: { clientName: $name }) { secret } }',
    variables: () => ({ name: randomUUID() }),
  },
  deactivateApiKey: {
    document: 'mutation ($id: ID!) { deactivateApiKey(id: $id) { id } }',
    variables: async ({ world }) => ({ id: await freshKey(world) }),
  },
  deleteApiKey: {
    document: 'mutation ($id: ID!) { deleteApiKey(id: $id) }',
    variables: async ({ world }) => ({ id: await freshKey(world) }),
  },
  setApiKeyPrompt: {
    document: 'mutation ($id: ID!, $prompt: ID) { setApiKeyPrompt(id: $id, systemPromptId: $prompt) { id } }',
    variables: async ({ world }) => ({ id: await freshKey(world), prompt: world.ids.systemPrompt }),
  },
  createModelVersion: {
    document: 'mutation ($input: ModelVersionInput!) { createModelVersion(input: $input) { id } }',
    variables: version,
  },
  updateModelVersion: {
    document: 'mutation ($id: ID!, $input: ModelVersionInput!) { updateModelVersion(id: $id, input: $input) { id } }',
    variables: async ({ world }) => ({ id: await freshVersion(world), ...version() }),
  },
  deleteModelVersion: {
    document: 'mutation ($id: ID!) { deleteModelVersion(id: $id) }',
    variables: async ({ world }) => ({ id: await freshVersion(world) }),
  },
  pullModel: { document: `mutation { pullModel(model: "${PULLED}") { model } }` },
  cancelModelPull: { document: `mutation { cancelModelPull(model: "${PULLED}") }` },
  removeModel: { document: 'mutation { removeModel(model: "llama-cpp/none.gguf") }' },
  reindex: { document: 'mutation { reindex }' },
  flushCache: { document: 'mutation { flushCache }' },
  logout: {
    document: 'mutation { logout }',
    run: async (document, { world, asker }) => {
      const token = asker in world.people ? (await signIn(asker, world)).accessToken : world.tokens[asker];
      return codeOf(await world.server.request(document, {}, token)) ?? 'yes';
    },
  },
};

const SUBSCRIPTIONS: Record<string, RootCase> = {
  chat: {
    document: 'subscription ($input: ChatInput!) { chat(input: $input) { cursor } }',
    variables: () => chat({}),
  },
  'chat (input.conversationId)': {
    document: 'subscription ($input: ChatInput!) { chat(input: $input) { cursor } }',
    owned: true,
    variables: ({ things }) => chat({ conversationId: things.conversation }),
  },
  turn: { document: 'subscription ($id: ID!) { turn(id: $id) { cursor } }', ...ofThing('turn') },
  conversationChanged: {
    document: 'subscription { conversationChanged { id } }',
    owned: true,
    run: listen(pin, () => ({})),
  },
  'conversationChanged (id)': {
    document: 'subscription ($id: ID) { conversationChanged(id: $id) { id } }',
    owned: true,
    run: listen(pin, ({ conversation }) => ({ id: conversation })),
  },
  conversationDeleted: {
    document: 'subscription { conversationDeleted }',
    owned: true,
    run: listen(removeOne, () => ({})),
  },
  fileProgress: {
    document: 'subscription ($id: ID!) { fileProgress(id: $id) { file { id } } }',
    ...ofThing('file'),
  },
  systemStats: { document: 'subscription { systemStats { users } }', run: first },
  modelPull: { document: `subscription { modelPull(model: "${PULLED}") { done } }` },
};

/** By `Type.field`, with what tells cases of one field apart behind it. In the order in which they are asked. */
export const ROOT_CASES: Record<string, RootCase> = Object.fromEntries(
  Object.entries({ Query: QUERIES, Mutation: MUTATIONS, Subscription: SUBSCRIPTIONS }).flatMap(([type, cases]) =>
    Object.entries(cases).map(([name, rootCase]) => [`${type}.${name}`, rootCase]),
  ),
);
