import { randomUUID } from 'node:crypto';
import { inject, onTestFinished } from 'vitest';
import { createPostgresDatabase } from './database.ts';
import { temporaryFolder } from './main-process.ts';
import { type ScriptedUpstream, type ScriptedUpstreamOptions, startScriptedUpstream } from './scripted-upstream.ts';
import type { Data } from './server.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';
import { lorem, type StreamPlan } from './stream-plan.ts';

export type TwoInstancesOptions = {
  plans: Record<string, StreamPlan>;
  /** Chooses an answer before the plans do. */
  script?: ScriptedUpstreamOptions['script'];
  /** Left out: the Redis that the tests share. */
  redisUrl?: string;
  environment?: Record<string, string>;
};

export type TwoInstances = Awaited<ReturnType<typeof startTwoInstances>>;

const REGISTER = `mutation ($input: RegisterInput!) { register(input: $input) { accessToken } }`;

/** Two processes of the server on one PostgreSQL and one Redis, and a user of both. */
export async function startTwoInstances({
  plans,
  script,
  redisUrl = inject('redisUrl'),
  environment,
}: TwoInstancesOptions) {
  const [upstream, database] = await Promise.all([
    startScriptedUpstream({ plans, ...(script && { script }) }),
    createPostgresDatabase(),
  ]);
  onTestFinished(() => upstream.close());
  onTestFinished(database.drop);
  const shared = {
    DATABASE_URL: database.url,
    REDIS_URL: redisUrl,
    REDIS_KEY_PREFIX: `test-${randomUUID()}`,
    JWT_SECRET: 'a secret for tests that is long enough',
    OPENAI_BASE_URL: upstream.url,
    OPENAI_API_KEY: 'key',
    ...environment,
  };
  const start = async () => startServerProcess({ ...shared, DATA_DIR: await temporaryFolder() });
  const [here, there] = await Promise.all([start(), start()]);
  const { register } = await post(here, REGISTER, { input: { username: 'walker', password: 'a long enough one' } });
  const token = register.accessToken as string;
  return {
    here,
    there,
    servers: [here, there] as const,
    token,
    upstream,
    start,
    prefix: shared.REDIS_KEY_PREFIX,
    databaseUrl: database.url,
    generations: () => generationsOf(upstream),
    data: (server: ServerProcess, query: string, variables: object = {}) => post(server, query, variables, token),
  };
}

function generationsOf(upstream: ScriptedUpstream): number {
  return upstream.requests.filter(({ path }) => path.endsWith('/chat/completions')).length;
}

async function post(server: ServerProcess, query: string, variables: object, token?: string): Promise<Data> {
  const response = await fetch(server.graphqlUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: Data; errors?: unknown };
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

/** A plan of so many tokens that takes so long. */
export function paced(tokens: number, milliseconds: number): StreamPlan {
  return { tokens: lorem(tokens), reasoning: ['so ', 'then '], intervalMs: milliseconds / tokens };
}
