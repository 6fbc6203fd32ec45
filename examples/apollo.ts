// A conversation with Apollo Client: queries and mutations over HTTP, subscriptions over graphql-ws.
import { randomUUID } from 'node:crypto';
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { OperationTypeNode } from 'graphql';
import { createClient } from 'graphql-ws';

const url = `${process.env.COLLOQUY_URL ?? 'http://127.0.0.1:4000'}/graphql`;
const username = process.env.COLLOQUY_USERNAME ?? `apollo-${randomUUID().slice(0, 8)}`;
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

const authorize = new ApolloLink((operation, forward) => {
  if (token) operation.setContext({ headers: { authorization: `Bearer ${token}` } });
  return forward(operation);
});

const client = new ApolloClient({
  cache: new InMemoryCache(),
  link: ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    new GraphQLWsLink(socket),
    authorize.concat(new HttpLink({ uri: url })),
  ),
});

type Entered = { enter: { accessToken: string } };
const LOGIN = gql`mutation Login($input: LoginInput!) { enter: login(input: $input) { accessToken } }`;
const REGISTER = gql`mutation Register($input: RegisterInput!) { enter: register(input: $input) { accessToken } }`;
const CHAT = gql`
  subscription Chat($input: ChatInput!) {
    chat(input: $input) {
      __typename
      ... on TurnDelta { text offset }
      ... on TurnFailed { error { message } }
    }
  }
`;

const enter = async (mutation: typeof LOGIN) => {
  const { data } = await client.mutate<Entered>({ mutation, variables: { input: { username, password } } });
  return data?.enter.accessToken;
};
token = await enter(LOGIN).catch((error) => {
  // One code for an unknown name and for a wrong password: nobody can find out who has an account.
  const refused = CombinedGraphQLErrors.is(error) && error.errors[0]?.extensions?.code === 'UNAUTHENTICATED';
  if (!refused) throw error;
  return enter(REGISTER);
});

// When its socket breaks, graphql-ws connects again and sends the same subscription. The key makes that harmless for the
// server, which tells the same turn from its beginning; `offset` says what of it has been shown here already.
type Event = { __typename: string; text?: string; offset?: number; error?: { message: string } };
let shown = 0;
const events = client.subscribe<{ chat: Event }>({
  query: CHAT,
  variables: { input: { turnKey: randomUUID(), text: prompt } },
  // Every token is an event: none of them belongs into the cache.
  fetchPolicy: 'no-cache',
});
await events.forEach(({ data, error }) => {
  if (error) throw error;
  const { __typename, text = '', offset = 0, error: failure } = data?.chat ?? { __typename: '' };
  process.stdout.write(text.slice(Math.max(0, shown - offset)));
  shown = Math.max(shown, offset + text.length);
  if (__typename === 'TurnFailed') throw new Error(failure?.message);
});
process.stdout.write('\n');
await socket.dispose();
client.stop();
