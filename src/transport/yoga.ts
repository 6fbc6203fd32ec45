import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import { type ExecutionArgs, execute, type GraphQLSchema } from 'graphql';
import { createYoga, type Plugin, type YogaInitialContext } from 'graphql-yoga';
import type { Context } from '../graphql/context.ts';
import { presentError } from '../graphql/errors.ts';
import type { OpenCount } from '../util/open-count.ts';
import { type AccessDependencies, watchAccess } from './access.ts';
import type { createDocuments } from './documents.ts';
import type { ContextFactory } from './request-context.ts';
import { subscribeToResults } from './subscription.ts';

export type YogaDependencies = AccessDependencies & {
  schema: GraphQLSchema;
  documents: ReturnType<typeof createDocuments>;
  createContext: ContextFactory;
  /** Other origins whose pages may use the graph. */
  corsOrigins: string[];
  graphiql: boolean;
  turnStreams: OpenCount;
  logError: (error: unknown) => void;
};

const MAX_BODY_BYTES = 1_048_576;

const GRAPHIQL_QUERY = `# Colloquy. Sign in first, then set the header below:
#   { "Authorization": "Bearer <accessToken>" }

mutation SignIn {
  login(input: { username: "", password: "" }) {
    accessToken
    refreshToken
  }
}
`;

/** GraphQL over HTTP: queries and mutations as JSON, subscriptions as server-sent events. */
export function createGraphqlHandler(deps: YogaDependencies) {
  return createYoga<object, Context>({
    schema: deps.schema,
    graphqlEndpoint: '/graphql',
    landingPage: false,
    logging: false,
    multipart: false,
    batching: false,
    maxRequestBodySize: MAX_BODY_BYTES,
    cors: (request) => corsFor(deps.corsOrigins, request.headers.get('origin')),
    graphiql: deps.graphiql && { title: 'Colloquy', defaultQuery: GRAPHIQL_QUERY, subscriptionsProtocol: 'SSE' },
    renderGraphiQL,
    maskedErrors: { maskError: (error) => presentError(error, deps.logError) },
    context: ({ request }) => deps.createContext(request.headers.get('authorization'), request.signal),
    plugins: [useJsonBodies(), useDocuments(deps), useExecution(deps), useVary(deps)],
  });
}

/**
 * Tokens travel in headers, never in cookies, so no origin gets credentials. One that is not configured is told
 * nothing: Yoga itself would answer "null", which is the origin of every sandboxed frame.
 */
function corsFor(allowed: string[], origin: string | null) {
  if (origin === null || !(allowed.includes(origin) || allowed.includes('*'))) return false;
  return { origin: [origin], credentials: false, methods: ['GET', 'POST', 'OPTIONS'] };
}

/** Anything else could be sent by a form of another site. */
function useJsonBodies(): Plugin {
  return {
    onRequest({ request, fetchAPI, endResponse, url }) {
      if (request.method !== 'POST' || url.pathname !== '/graphql') return;
      const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
      if (type === 'application/json' || type === 'application/graphql+json') return;
      const body = {
        errors: [{ message: 'Send the request as application/json.', extensions: { code: 'UNSUPPORTED_MEDIA_TYPE' } }],
      };
      endResponse(fetchAPI.Response.json(body, { status: 415 }));
    },
  };
}

/** What one origin is answered is not kept for another by a cache between. */
function useVary({ corsOrigins }: YogaDependencies): Plugin {
  return {
    onResponse({ response }) {
      if (corsOrigins.length > 0) response.headers.append('Vary', 'Origin');
    },
  };
}

/** One parser and validator, with one memory, for HTTP and sockets. */
function useDocuments({ documents }: YogaDependencies): Plugin {
  return {
    onParse({ setParseFn }) {
      setParseFn((source: string | { body: string }) => {
        const { document, errors } = documents(typeof source === 'string' ? source : source.body);
        // Yoga answers the first one; the others are most often its consequences.
        if (errors?.[0]) throw errors[0];
        return document;
      });
    },
    // Done already, with the parsing.
    onValidate({ setResult }) {
      setResult([]);
    },
  };
}

/** The executor of graphql-js itself, and subscriptions that end when their viewer may not listen any more. */
function useExecution(deps: YogaDependencies): Plugin<Context> {
  const { hideSuggestions } = deps.documents;
  return {
    onExecute({ setExecuteFn }) {
      setExecuteFn((args: ExecutionArgs) => execute({ ...args, hideSuggestions }));
    },
    onSubscribe({ setSubscribeFn }) {
      setSubscribeFn((args: ExecutionArgs) => subscribeWhileAllowed(deps, { ...args, hideSuggestions }));
    },
  };
}

async function subscribeWhileAllowed(deps: YogaDependencies, args: ExecutionArgs) {
  const context = args.contextValue as Context & YogaInitialContext;
  if (!context.viewer) return subscribeToResults(args, deps.turnStreams);
  const revoked = new AbortController();
  const release = watchAccess(deps, context.viewer, () => revoked.abort());
  const signal = context.signal ? AbortSignal.any([context.signal, revoked.signal]) : revoked.signal;
  signal.addEventListener('abort', release, { once: true });
  // Looked at again, now that an end would be heard of: one between the first look and this was not.
  const { credentialRefused } = await deps.createContext(context.request.headers.get('authorization'));
  if (credentialRefused) revoked.abort();
  const results = await subscribeToResults({ ...args, contextValue: { ...context, signal } }, deps.turnStreams);
  if (!(Symbol.asyncIterator in results)) {
    release();
    return results;
  }
  return {
    async next() {
      const result = await results.next();
      if (result.done) release();
      return result;
    },
    async return() {
      release();
      return (await results.return?.()) ?? { value: undefined, done: true as const };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
