// A conversation with urql: queries and mutations over HTTP, subscriptions over graphql-ws.
import { randomUUID } from 'node:crypto';
import { Client, fetchExchange, gql, subscriptionExchange } from '@urql/core';
import { createClient } from 'graphql-ws';

const url = `${process.env.COLLOQUY_URL ?? 'http://127.0.0.1:4000'}/graphql`;
const username = process.env.COLLOQUY_USERNAME ?? `urql-${randomUUID().slice(0, 8)}`;
const password = process.env.COLLOQUY_PASSWORD ?? 'a passphrase for an example';
const prompt = process.argv[2] ?? 'What can you do?';

let token: string | undefined;

// Lazy: the socket opens with the first subscription, and by then there is a token to introduce it with.
const socket = createClient({
  url: url.replace(/^http/, 'ws'),
  connectionParams: () => ({ authorization: `Bearer ${token}` }),
  // Node tells a broken connection as an error first, which graphql-ws by itself would take for the last word.
  shouldRetry: () => true,
});

const client = new Client({
  url,
  preferGetMethod: false,
  fetchOptions: () => (token ? { headers: { authorization: `Bearer ${token}` } } : {}),
  exchanges: [
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: ({ query = '', variables }) => ({
        subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }),
      }),
    }),
  ],
});

const LOGIN = gql<{ login: { accessToken: string } }>`
  mutation Login($input: LoginInput!) { login(input: $input) { accessToken } }
`;
const REGISTER = gql<{ register: { accessToken: string } }>`
  mutation Register($input: RegisterInput!) { register(input: $input) { accessToken } }
`;
const CHAT = gql<{ chat: { __typename: string; text?: string; offset?: number; error?: { message: string } } }>`
  subscription Chat($input: ChatInput!) {
    chat(input: $input) {
      __typename
      ... on TurnDelta { text offset }
      ... on TurnFailed { error { message } }
    }
  }
`;

const input = { username, password };
const login = await client.mutation(LOGIN, { input });
token = login.data?.login.accessToken ?? (await client.mutation(REGISTER, { input })).data?.register.accessToken;
if (!token) throw new Error('Neither signing in nor registering succeeded.', { cause: login.error });

// When its socket breaks, graphql-ws connects again and sends the same subscription. The key makes that harmless for the
// server, which tells the same turn from its beginning; `offset` says what of it has been shown here already.
let shown = 0;
await new Promise<void>((resolve, reject) => {
  const { unsubscribe } = client
    .subscription(CHAT, { input: { turnKey: randomUUID(), text: prompt } })
    .subscribe(({ data, error }) => {
      if (error) reject(error);
      if (!data) return;
      const { __typename, text = '', offset = 0, error: failure } = data.chat;
      process.stdout.write(text.slice(Math.max(0, shown - offset)));
      shown = Math.max(shown, offset + text.length);
      if (__typename === 'TurnFailed') reject(new Error(failure?.message));
      // Exactly one of the two ends every turn.
      if (__typename === 'TurnFinished' || __typename === 'TurnFailed') {
        unsubscribe();
        resolve();
      }
    });
});
process.stdout.write('\n');
await socket.dispose();
