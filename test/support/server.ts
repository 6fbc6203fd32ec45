import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ExecutionResult, parse } from 'graphql';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createSocketClient } from 'graphql-ws';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import WebSocket from 'ws';
import type { Database } from '../../src/adapters/db/open-database.ts';
import { type App, type AppOverrides, startApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { type Engine, openTestDatabase } from './kept-databases.ts';

export { type Engine, openTestDatabase };

export type TestServerOptions = {
  engine?: Engine;
  /** On top of what a test server has anyway. */
  environment?: Record<string, string>;
  /** Such as a scripted upstream's: provider `openai`. */
  openAiUrl?: string;
  overrides?: AppOverrides;
  /** Collects what is logged as an error. */
  errors?: unknown[];
  /** Collects what is logged, information too. */
  lines?: unknown[];
  /** Outlives the test that starts it: whoever does closes it, in `afterAll`. */
  shared?: boolean;
};

export type TestServer = Awaited<ReturnType<typeof startTestServer>>;

/** The whole server in this process on a free port, with a database of its own; closed when the test has finished, unless shared. */
export async function startTestServer(options: TestServerOptions = {}) {
  const { app, url, filesFolder } = await startTestApp(options);
  const graphqlUrl = `${url}/graphql`;

  /** Posts an operation. Never throws for errors of the graph: they are in the result. */
  async function request(
    query: string,
    variables: Record<string, unknown> = {},
    token?: string,
  ): Promise<ExecutionResult<Data>> {
    const response = await fetch(graphqlUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as ExecutionResult<Data>;
  }

  /** As `request`, for operations that have to succeed. */
  async function data(query: string, variables: Record<string, unknown> = {}, token?: string): Promise<Data> {
    const result = await request(query, variables, token);
    if (result.errors || !result.data) throw new Error(`${JSON.stringify(result.errors)} for ${query}`);
    return result.data;
  }

  async function register(username = `user-${randomUUID().slice(0, 8)}`): Promise<TestUser> {
    const { register: made } = await data(REGISTER, { input: { username, password: PASSWORD } });
    return { username, id: made.user.id, token: made.accessToken, refreshToken: made.refreshToken };
  }

  return {
    app,
    url,
    filesFolder,
    close: app.dispose,
    graphqlUrl,
    socketUrl: graphqlUrl.replace('http', 'ws'),
    request,
    data,
    register,
  };
}

/** What the graph answers: tests look into it freely. */
// biome-ignore lint/suspicious/noExplicitAny: its shape is the document's, which tests write in place
export type Data = Record<string, any>;

export type TestUser = { username: string; id: string; token: string; refreshToken: string };

export const PASSWORD = 'a passphrase for tests';

const REGISTER = `mutation ($input: RegisterInput!) {
  register(input: $input) { accessToken refreshToken user { id } }
}`;

export async function startTestApp(
  options: TestServerOptions,
): Promise<{ app: App; url: string; filesFolder: string }> {
  const database = options.overrides?.database ?? (await openTestDatabase(options.engine ?? 'pglite'));
  const filesFolder = options.environment?.FILES_DIR ?? (await mkdtemp(join(tmpdir(), 'colloquy-files-')));
  const config = readConfig({
    NODE_ENV: 'test',
    FILES_DIR: filesFolder,
    PORT: '0',
    JWT_SECRET: 'a secret for tests that is long enough',
    // Nobody listens there: no test finds a model that happens to run on this machine.
    OLLAMA_BASE_URL: 'http://127.0.0.1:9',
    MODELS_DIR: `${filesFolder}-models`,
    MODEL_GPU: 'off',
    MODEL_RETRIES: '0',
    // Tests are faster than people.
    TURNS_PER_MINUTE: '0',
    LOGIN_ATTEMPTS_PER_MINUTE_PER_IP: '0',
    REGISTRATIONS_PER_HOUR_PER_IP: '0',
    REQUESTS_PER_MINUTE: '0',
    REQUESTS_PER_MINUTE_PER_IP: '0',
    MAX_CONCURRENT_TURNS: '0',
    ...(options.openAiUrl && { OPENAI_BASE_URL: options.openAiUrl, OPENAI_API_KEY: 'key-for-tests' }),
    ...options.environment,
  });
  const logged = options.lines ?? options.errors;
  const logger = logged
    ? pino({ level: options.lines ? 'info' : 'error' }, { write: (line: string) => void logged.push(JSON.parse(line)) })
    : pino({ level: process.env.TEST_LOG_LEVEL ?? 'silent' });
  const started = await startApp(config, logger, { ...options.overrides, database });
  const dispose = async () => {
    await started.dispose();
    if (!options.environment?.FILES_DIR) await rm(filesFolder, { recursive: true, force: true });
  };
  const app = { ...started, dispose };
  if (!options.shared) onTestFinished(dispose);
  return { app, url: app.url, filesFolder };
}

/** A server's database for a second one beside it, which leaves it open and what runs in it alone. */
export function lent(database: Database): Database {
  return { ...database, exclusive: false, dispose: async () => {} };
}

export type Transport = 'ws' | 'sse';

/** Subscribes, over either transport, until the caller leaves or the server completes. */
export function subscribe(
  server: { graphqlUrl: string; socketUrl: string },
  transport: Transport,
  token: string,
  query: string,
  variables: Record<string, unknown> = {},
): AsyncIterableIterator<ExecutionResult<Data>> {
  const authorization = `Bearer ${token}`;
  parse(query);
  if (transport === 'sse') {
    const client = createSseClient({ url: server.graphqlUrl, headers: { authorization }, retryAttempts: 0 });
    return client.iterate<Data>({ query, variables }) as AsyncIterableIterator<ExecutionResult<Data>>;
  }
  const client = createSocketClient({
    url: server.socketUrl,
    webSocketImpl: WebSocket,
    connectionParams: { authorization },
    retryAttempts: 0,
  });
  return client.iterate<Data>({ query, variables }) as AsyncIterableIterator<ExecutionResult<Data>>;
}
