import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Child, startChild } from './child.ts';

export type ColloquyOptions = {
  /** Undefined: the embedded database, in a folder of its own. */
  databaseUrl: string | undefined;
  core: number | undefined;
  env?: Record<string, string>;
  imports?: string[];
  /** A copy of the repository to measure in place of this one. */
  root?: string | undefined;
};

export type Colloquy = Child & {
  /** `http://127.0.0.1:<port>` */
  url: string;
  post<Data>(query: string, variables?: Record<string, unknown>, token?: string): Promise<Data>;
  /** Makes an account and answers with its access token. */
  register(): Promise<{ id: string; token: string }>;
};

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const REGISTER = `mutation ($input: RegisterInput!) {
  register(input: $input) { accessToken user { id } }
}`;

/** The server itself, started as in production, in a folder without settings. */
export async function startColloquy(options: ColloquyOptions): Promise<Colloquy> {
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-bench-'));
  const child = await startChild({
    script: join(options.root ?? ROOT, 'src/main.ts'),
    cwd: folder,
    core: options.core,
    ...(options.imports && { imports: options.imports }),
    env: {
      NODE_ENV: 'production',
      TURNS_PER_MINUTE: '0',
      LOGIN_ATTEMPTS_PER_MINUTE_PER_IP: '0',
      REGISTRATIONS_PER_HOUR_PER_IP: '0',
      REQUESTS_PER_MINUTE: '0',
      REQUESTS_PER_MINUTE_PER_IP: '0',
      MAX_CONCURRENT_TURNS: '0',
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_LEVEL: 'warn',
      LOG_FORMAT: 'json',
      DATA_DIR: join(folder, 'data'),
      JWT_SECRET: randomBytes(32).toString('hex'),
      ACCESS_TOKEN_MINUTES: '1440',
      // Nobody listens there: no model that happens to run on this machine is asked.
      OLLAMA_BASE_URL: 'http://127.0.0.1:9',
      ...(options.databaseUrl && { DATABASE_URL: options.databaseUrl }),
      ...options.env,
    },
    ready: /Page +(http:\S+?)\/\n/,
  }).catch(async (error: unknown) => {
    await rm(folder, { recursive: true, force: true });
    throw error;
  });
  const url = child.match[1] ?? '';

  async function post<Data>(query: string, variables: Record<string, unknown> = {}, token?: string): Promise<Data> {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data: Data; errors?: unknown };
    if (errors) throw new Error(`The server answered ${JSON.stringify(errors)}`);
    return data;
  }

  return {
    ...child,
    url,
    post,
    async register() {
      const input = { username: `bench-${randomUUID().slice(0, 8)}`, password: 'a passphrase for measuring' };
      type Registered = { register: { accessToken: string; user: { id: string } } };
      const { register } = await post<Registered>(REGISTER, { input });
      return { id: register.user.id, token: register.accessToken };
    },
    async stop() {
      await child.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
