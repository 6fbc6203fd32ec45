import type { IncomingMessage } from 'node:http';
import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import { type ExecutionArgs, execute, type GraphQLSchema } from 'graphql';
import { createYoga, type Plugin, type YogaInitialContext } from 'graphql-yoga';
import type { Context } from '../graphql/context.ts';
import { presentError } from '../graphql/errors.ts';
import type { OpenCount } from '../util/open-count.ts';
import { type AccessDependencies, watchAccess } from './access.ts';
import type { ClientAddress } from './client-address.ts';
import { isCorsOrigin, setCorsHeaders } from './cors.ts';
import { credentialOf } from './credentials.ts';
import type { createDocuments } from './documents.ts';
import { answerError } from './error-answer.ts';
import type { Exchange } from './exchange.ts';
import type { ContextFactory } from './request-context.ts';
import { subscribeToResults } from './subscription.ts';

export type YogaDependencies = AccessDependencies & {
  schema: GraphQLSchema;
  documents: ReturnType<typeof createDocuments>;
  createContext: ContextFactory;
  addressOf: ClientAddress;
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
  // Contexts that were made before the body of their operation was received.
  const begun = new WeakMap<object, Context>();
  const yoga = createYoga<{ req: IncomingMessage }, Context>({
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
    context: ({ request, req }) => {
      const context = begun.get(req);
      if (context) return { ...context, signal: request.signal };
      return deps.createContext(credentialOf(req), request.signal, deps.addressOf(req));
    },
    plugins: [useJsonBodies(), useDocuments(deps), useExecution(deps), useVary(deps)],
  });

  return {
    async handle(exchange: Exchange): Promise<void> {
      const { request, response } = exchange;
      try {
        // Found by Yoga, it would be a fault of the operation: two that disagree are one of the request.
        credentialOf(request);
      } catch (error) {
        setCorsHeaders(request, response, deps.corsOrigins);
        return answerError(exchange, error, deps.logError);
      }
      yoga(request, response);
    },
    /**
     * Executes an operation whose body has been read already, for a viewer who was looked up before that. Resolves when
     * it has been answered.
     */
    async execute({ request, response }: Exchange, operations: object, context: Context): Promise<void> {
      const { 'content-length': _length, 'transfer-encoding': _encoding, ...headers } = request.headers;
      const { method, url, socket } = request;
      // A body that is there as an object is what Yoga takes from servers that parse bodies themselves.
      const parsed = {
        method,
        url,
        socket,
        headers: { ...headers, 'content-type': 'application/json' },
        body: operations,
      };
      begun.set(parsed, context);
      await yoga.requestListener(parsed as unknown as IncomingMessage, response);
    },
  };
}

/**
 * Tokens travel in headers, never in cookies, so no origin gets credentials. One that is not configured is told
 * nothing: Yoga itself would answer "null", which is the origin of every sandboxed frame.
 */
function corsFor(allowed: string[], origin: string | null) {
  if (!isCorsOrigin(allowed, origin)) return false;
  return { origin: [origin], credentials: false, methods: ['GET', 'POST', 'OPTIONS'] };
}

/** Anything else could be sent by a form of another site. Multipart requests are taken before they get here. */
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
  const context = args.contextValue as Context & YogaInitialContext & { req: IncomingMessage };
  if (!context.viewer) return subscribeToResults(args, deps.turnStreams);
  const revoked = new AbortController();
  const release = watchAccess(deps, context.viewer, () => revoked.abort());
  const signal = context.signal ? AbortSignal.any([context.signal, revoked.signal]) : revoked.signal;
  signal.addEventListener('abort', release, { once: true });
  // Looked at again, now that an end would be heard of: one between the first look and this was not.
  await deps.bus.settled();
  const { credentialRefused } = await deps.createContext(credentialOf(context.req), undefined, context.ip);
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
