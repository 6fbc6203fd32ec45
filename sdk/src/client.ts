import { mapped } from './cancellable.ts';
import { createConnection, type StreamOptions, type SubscribeOptions } from './connection.ts';
import type { Document } from './document.ts';
import { createFileMethods } from './file-methods.ts';
import * as graph from './generated/graphql.ts';
import type { RequestOptions as HttpRequestOptions } from './http.ts';
import type { ClientOptions } from './options.ts';
import type { Tokens } from './tokens.ts';
import type { TurnEvent } from './turn-stream.ts';
import { createUuid } from './uuid.ts';

export type RequestOptions = Pick<HttpRequestOptions, 'signal' | 'timeoutMs'>;

/** A prompt. Without a key of its own it gets one, and with it the promise that it is answered once. */
export type ChatRequest = Omit<graph.ChatInput, 'turnKey'> & { turnKey?: string };
export type RegenerateRequest = Omit<graph.RegenerateInput, 'turnKey' | 'after'> & { turnKey?: string };

export type Client = ReturnType<typeof createClient>;

/** Variables may be left out where none is required. */
type Rest<Variables, Options> =
  Record<string, never> extends Variables
    ? [variables?: Variables, options?: Options]
    : [variables: Variables, options?: Options];

const FOREVER = { timeoutMs: 0 };

/** A client of one Colloquy server. Nothing is sent before it is asked to. */
export function createClient(options: ClientOptions) {
  const connection = createConnection(options);
  const { session, request } = connection;

  /** The sign-in of the answer becomes the client's. */
  async function enter(payload: graph.AuthFieldsFragment): Promise<graph.AuthFieldsFragment> {
    await session.adopt(payload);
    connection.reset();
    return payload;
  }

  return {
    /** Runs a document of one's own, or one that this package exports. Throws ColloquyError. */
    query<Result, Variables extends object>(
      document: Document<Result, Variables>,
      ...[variables, requestOptions]: Rest<Variables, RequestOptions>
    ): Promise<Result> {
      return request(document, variables, requestOptions);
    },

    /** As `query`. Never sent twice, unless the server refused the first for its credentials. */
    mutate<Result, Variables extends object>(
      document: Document<Result, Variables>,
      ...[variables, requestOptions]: Rest<Variables, RequestOptions>
    ): Promise<Result> {
      return request(document, variables, requestOptions);
    },

    /** A subscription that comes back by itself when its connection is lost. For turns there is `watchTurn`. */
    subscribe<Result, Variables extends object>(
      document: Document<Result, Variables>,
      ...[variables, subscribeOptions]: Rest<Variables, SubscribeOptions>
    ): AsyncIterableIterator<Result> {
      return connection.subscribe(document, variables, subscribeOptions);
    },

    async register(input: graph.RegisterInput, requestOptions?: RequestOptions) {
      const anonymous = { ...requestOptions, anonymous: true };
      return enter((await request(graph.RegisterDocument, { input }, anonymous)).register);
    },

    async login(input: graph.LoginInput, requestOptions?: RequestOptions) {
      const anonymous = { ...requestOptions, anonymous: true };
      return enter((await request(graph.LoginDocument, { input }, anonymous)).login);
    },

    /** Ends the sign-in, on the server too. Signed out here even when the server cannot be reached, which throws. */
    async logout(requestOptions?: RequestOptions): Promise<void> {
      try {
        if (await session.tokens()) await request(graph.LogoutDocument, {}, requestOptions);
      } finally {
        await session.adopt(null);
        connection.reset();
      }
    },

    async changePassword(current: string, next: string, requestOptions?: RequestOptions) {
      const changed = await request(graph.ChangePasswordDocument, { current, next }, requestOptions);
      return enter(changed.changePassword);
    },

    /** The headers of a request of one's own: empty when nobody is signed in. */
    headers: (): Promise<Record<string, string>> => connection.headers(),

    /** The sign-in as it is now; null when there is none. */
    tokens: (): Promise<Tokens | null> => session.tokens(),

    /** Null when nobody is signed in. */
    async viewer(requestOptions?: RequestOptions) {
      return (await request(graph.ViewerDocument, {}, requestOptions)).viewer;
    },

    /** The newest first, 20 unless `first` says otherwise. */
    async conversations(variables: graph.ConversationsQueryVariables = {}, requestOptions?: RequestOptions) {
      return (await request(graph.ConversationsDocument, variables, requestOptions)).conversations;
    },

    /** With a page of its messages. Null when there is no such conversation. */
    async conversation(
      id: string,
      page: Omit<graph.ConversationQueryVariables, 'id'> = {},
      requestOptions?: RequestOptions,
    ) {
      return (await request(graph.ConversationDocument, { id, ...page }, requestOptions)).conversation;
    },

    /**
     * The id of the message where the newest branch that goes on from a message ends; its own where none does. It is the
     * `leaf` that shows another version of a message with what followed it. Null when there is no such message.
     */
    async newestLeaf(messageId: string, requestOptions?: RequestOptions): Promise<string | null> {
      const { node } = await request(graph.NewestLeafDocument, { messageId }, requestOptions);
      return node && 'newestLeaf' in node ? node.newestLeaf.id : null;
    },

    /** With a prompt and no response it takes as long as the answer. */
    async createConversation(input: graph.CreateConversationInput = {}, requestOptions?: RequestOptions) {
      const waiting = { ...(input.prompt && !input.response && FOREVER), ...requestOptions };
      return (await request(graph.CreateConversationDocument, { input }, waiting)).createConversation;
    },

    async updateConversation(input: graph.UpdateConversationInput, requestOptions?: RequestOptions) {
      return (await request(graph.UpdateConversationDocument, { input }, requestOptions)).updateConversation;
    },

    async deleteConversation(id: string, requestOptions?: RequestOptions) {
      return (await request(graph.DeleteConversationDocument, { id }, requestOptions)).deleteConversation;
    },

    /** The conversations of the viewer, or one of them, each time one changes. */
    conversationChanged(id?: string | null, subscribeOptions?: Omit<SubscribeOptions, 'endless'>) {
      const changes = connection.subscribe(
        graph.ConversationChangedDocument,
        { id: id ?? null },
        { ...subscribeOptions, endless: true },
      );
      return mapped(changes, ({ conversationChanged }) => conversationChanged);
    },

    /** The ids of the viewer's conversations, each when it is deleted. */
    conversationDeleted(subscribeOptions?: Omit<SubscribeOptions, 'endless'>) {
      const deletions = connection.subscribe(
        graph.ConversationDeletedDocument,
        {},
        { ...subscribeOptions, endless: true },
      );
      return mapped(deletions, ({ conversationDeleted }) => conversationDeleted);
    },

    /**
     * Sends a prompt and streams its answer to the end, over as many connections as it takes. Leaving the loop, or
     * aborting the signal, ends the watching and not the turn: `stopTurn` does that. Throws ColloquyError when the server
     * refuses the prompt, or cannot be reached for longer than `reconnect.patienceMs`.
     */
    chat(input: ChatRequest, streamOptions?: StreamOptions): AsyncIterableIterator<TurnEvent> {
      const { turnKey = createUuid() } = input;
      return connection.followTurn({ chat: { ...input, turnKey } }, streamOptions);
    },

    /** Makes an answer again, beside the one that is there, and streams it as `chat` does. */
    regenerate(input: RegenerateRequest, streamOptions?: StreamOptions): AsyncIterableIterator<TurnEvent> {
      const { turnKey = createUuid() } = input;
      const begin = async (signal: AbortSignal) => {
        const started = await request(graph.RegenerateDocument, { input: { ...input, turnKey } }, { signal });
        return started.regenerate.id;
      };
      return connection.followTurn({ begin }, streamOptions);
    },

    /** The events of a turn that runs or has ended, from its beginning or behind a cursor. */
    watchTurn(
      turnId: string,
      { after = 0, ...streamOptions }: StreamOptions & { after?: number } = {},
    ): AsyncIterableIterator<TurnEvent> {
      return connection.followTurn({ turnId, after }, streamOptions);
    },

    /** Sends a prompt without watching. With `wait` it returns when the turn has ended. */
    async sendMessage(
      input: ChatRequest,
      { wait = false, ...requestOptions }: RequestOptions & { wait?: boolean } = {},
    ) {
      const { turnKey = createUuid() } = input;
      const variables = { input: { ...input, turnKey }, wait };
      const waiting = { ...(wait && FOREVER), ...requestOptions };
      return (await request(graph.SendMessageDocument, variables, waiting)).sendMessage;
    },

    /** Ends the model's work. What it has said is kept; a turn that has ended stays as it is. */
    async stopTurn(id: string, requestOptions?: RequestOptions) {
      return (await request(graph.StopTurnDocument, { id }, requestOptions)).stopTurn;
    },

    /** By its id, or by the key that it was sent with. Null when there is none. */
    async turn(by: { id: string } | { key: string }, requestOptions?: RequestOptions) {
      return (await request(graph.TurnDocument, by, requestOptions)).turn;
    },

    /** Null takes the rating back. */
    async rateMessage(
      id: string,
      rating: graph.Rating | null,
      comment?: string | null,
      requestOptions?: RequestOptions,
    ) {
      return (await request(graph.RateMessageDocument, { id, rating, comment: comment ?? null }, requestOptions))
        .rateMessage;
    },

    ...createFileMethods(connection),

    exportConversations: connection.exportConversations,
    importConversations: connection.importConversations,

    async models(provider?: graph.Provider | null, requestOptions?: RequestOptions) {
      return (await request(graph.ModelsDocument, { provider: provider ?? null }, requestOptions)).models;
    },

    async providers(requestOptions?: RequestOptions) {
      return (await request(graph.ProvidersDocument, {}, requestOptions)).providers;
    },

    async health(requestOptions?: RequestOptions) {
      return (await request(graph.HealthDocument, {}, requestOptions)).health;
    },

    /** Ends all streams and closes the socket. */
    dispose: (): void => connection.dispose(),
  };
}
