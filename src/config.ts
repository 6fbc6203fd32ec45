import { z } from 'zod';

const emptyIsUnset = (value: unknown) => (typeof value === 'string' && value.trim() === '' ? undefined : value);

/** An environment variable with a description; an empty value counts as unset. */
const variable = <Schema extends z.ZodType>(schema: Schema, description: string) =>
  z.preprocess(emptyIsUnset, schema).describe(description);

const text = (description: string) => variable(z.string().trim().optional(), description);
const url = (description: string) =>
  variable(z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' }).optional(), description);
const whole = (fallback: number, min: number, max: number, description: string) =>
  variable(
    z.coerce
      .number({ error: 'must be a number' })
      .int('must be a whole number')
      .min(min, `must be at least ${min}`)
      .max(max, `must be at most ${max}`)
      .default(fallback),
    description,
  );
const truth = z
  .enum(['true', 'false', '1', '0'], { error: 'must be true or false' })
  .transform((value) => value === 'true' || value === '1');
const flag = (fallback: boolean, description: string) => variable(truth.default(fallback), description);
const optionalFlag = (description: string) => variable(truth.optional(), description);
const list = (description: string) =>
  variable(
    z
      .string()
      .default('')
      .transform((value) =>
        value
          .split(',')
          .map((item) => item.trim())
          .filter(Boolean),
      ),
    description,
  );

/** Everything that the environment may say. `.env.example` documents the same variables; a test compares the two. */
export const environmentSchema = z.object({
  NODE_ENV: variable(
    z
      .enum(['development', 'test', 'production'], { error: 'must be development, test or production' })
      .default('development'),
    'production refuses to start without JWT_SECRET.',
  ),
  HOST: variable(
    z.string().trim().default('127.0.0.1'),
    'Address to listen on. 0.0.0.0 opens the server to the network.',
  ),
  PORT: whole(4000, 0, 65_535, 'Port to listen on. 0: any free one.'),
  LOG_LEVEL: variable(
    z
      .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
        error: 'must be fatal, error, warn, info, debug, trace or silent',
      })
      .default('info'),
    'How much is logged.',
  ),
  LOG_FORMAT: variable(
    z.enum(['auto', 'pretty', 'json'], { error: 'must be auto, pretty or json' }).default('auto'),
    'auto: pretty on a terminal, JSON lines elsewhere.',
  ),

  DATA_DIR: variable(
    z.string().trim().default('./data'),
    'Folder of the embedded database, of secrets made at the first start, of uploaded files.',
  ),
  DATABASE_URL: variable(
    z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgresql:// address' }).optional(),
    'PostgreSQL 14 or newer. Unset: the embedded database in DATA_DIR.',
  ),
  DATABASE_POOL_SIZE: whole(10, 2, 200, 'Connections to PostgreSQL per process.'),
  DATABASE_PREPARED_STATEMENTS: flag(true, 'false for a connection pooler that cannot pass prepared statements on.'),

  REDIS_URL: variable(
    z.url({ protocol: /^rediss?$/, error: 'must be a redis:// or rediss:// address' }).optional(),
    'Redis 6.2 or newer, through which several servers act as one. Unset: this server is the only one.',
  ),
  REDIS_KEY_PREFIX: variable(
    z
      .string()
      .trim()
      .regex(/^[\w.-]{1,64}$/, 'must be letters, digits, dots, dashes and underscores')
      .default('colloquy'),
    'Before every key in Redis. Deployments that share one take different ones.',
  ),

  JWT_SECRET: variable(
    z.string().min(32, 'must have at least 32 characters').optional(),
    'Signs access tokens. Outside production one is made and kept in DATA_DIR.',
  ),
  ACCESS_TOKEN_MINUTES: whole(15, 1, 1_440, 'Life of an access token.'),
  REFRESH_TOKEN_DAYS: whole(30, 1, 365, 'Life of a sign-in; every use of its refresh token renews it.'),
  ADMIN_USERNAME: text('The account with this name becomes admin when it registers. Unset: the first account does.'),
  REGISTRATION_ENABLED: flag(true, 'false: only the first account can register itself.'),
  AUDIT_RETENTION_DAYS: whole(365, 1, 36_500, 'How long the audit log is kept.'),

  LOGIN_ATTEMPTS_PER_MINUTE: whole(10, 1, 10_000, 'How often a password may be tried for one account.'),
  TURNS_PER_MINUTE: whole(60, 0, 1_000_000, 'How many answers one user may begin. 0: as many as they like.'),

  SHUTDOWN_GRACE_SECONDS: whole(
    20,
    0,
    3_600,
    'How long answers may go on when the server is told to end. Whoever ends it has to wait 10 seconds longer.',
  ),

  PUBLIC_URL: url('Where people reach the server, if not at HOST:PORT (behind a proxy, say).'),
  TRUST_PROXY: variable(
    z
      .string()
      .regex(/^(true|false|10|\d)$/, 'must be true, false or a number of proxies up to 10')
      .default('false')
      .transform((value) => (value === 'true' ? 1 : Number(value === 'false' ? 0 : value))),
    'How many proxies in front of the server add to X-Forwarded-For; true: one. The address of a client is taken from there then. false: anybody could have written it, so it does not count.',
  ),
  CORS_ORIGINS: list('Other origins whose pages may use the API, separated by commas: https://app.example.com'),
  GRAPHIQL_ENABLED: optionalFlag('GraphiQL at /graphql. Default: on outside production.'),
  INTROSPECTION_ENABLED: optionalFlag('Default: on outside production.'),

  DEFAULT_MODEL: text(
    'Such as ollama/llama3.2:3b or openai/gpt-5-mini. Unset: the first that is there of MODEL_PATH, Ollama, OpenAI, AIHUB, MODELS_DIR, builtin/extractive.',
  ),
  FALLBACK_MODEL: text(
    'Answers where the provider of the chosen model fails before its first token, such as openai/gpt-5-mini. Unset: none.',
  ),
  DEFAULT_SYSTEM_PROMPT: text('Said to the model before every conversation that has no system prompt of its own.'),
  OLLAMA_BASE_URL: variable(
    z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' }).default('http://127.0.0.1:11434'),
    'Ollama server.',
  ),
  OLLAMA_DEFAULT_MODEL: text('Model of Ollama that is used where none is named. Unset: its first chat model.'),
  OLLAMA_STARTUP_CHECK_ENABLED: flag(true, 'At the start, a line says whether Ollama can be reached and what it has.'),
  OLLAMA_TIMEOUT_SECONDS: variable(
    z.coerce
      .number({ error: 'must be a number' })
      .int('must be a whole number')
      .min(1, 'must be at least 1')
      .max(3_600, 'must be at most 3600')
      .optional(),
    "Longest wait for Ollama's first token. Unset: MODEL_FIRST_TOKEN_TIMEOUT_SECONDS.",
  ),
  OLLAMA_NUM_CTX: whole(
    8_192,
    512,
    10_000_000,
    'Context window in tokens that Ollama gives its models; more takes more memory. What does not fit is left out, oldest first.',
  ),
  OLLAMA_CONCURRENCY: whole(0, 0, 10_000, 'Answers that Ollama makes at once; the others wait. 0: no limit.'),
  OPENAI_API_KEY: text('Key of OpenAI or of the compatible server at OPENAI_BASE_URL.'),
  OPENAI_BASE_URL: url(
    'Any OpenAI-compatible API (vLLM, LM Studio, llama.cpp, LocalAI …). Default: https://api.openai.com/v1 when a key is set.',
  ),
  OPENAI_DEFAULT_MODEL: text('Model of OpenAI that is used where none is named. Unset: its first chat model.'),
  OPENAI_CONCURRENCY: whole(0, 0, 10_000, 'Answers that it makes at once; the others wait. 0: no limit.'),
  AIHUB_BASE_URL: url("A second OpenAI-compatible API, such as a company's gateway (alias: corporate)."),
  AIHUB_API_KEY: text('Key of the API at AIHUB_BASE_URL.'),
  AIHUB_DEFAULT_MODEL: text('Model of AIHUB that is used where none is named. Unset: its first chat model.'),
  AIHUB_CONCURRENCY: whole(0, 0, 10_000, 'Answers that it makes at once; the others wait. 0: no limit.'),
  MODEL_CONTEXT_WINDOW: whole(
    32_768,
    512,
    10_000_000,
    'Context window in tokens of models of OpenAI-compatible APIs that do not tell it.',
  ),
  MODEL_PATH: text('A GGUF file that llama.cpp runs on this machine, as llama-cpp/<name of the file>.'),
  MODELS_DIR: text('Folder of GGUF files, each of them a model. Default: models in DATA_DIR.'),
  MODEL_GPU: variable(
    z
      .enum(['auto', 'cuda', 'vulkan', 'metal', 'off'], { error: 'must be auto, cuda, vulkan, metal or off' })
      .default('auto'),
    'What computes them; `npm run llama:gpu` gets the build for it.',
  ),
  MODEL_N_CTX: whole(4_096, 256, 10_000_000, 'Their context window in tokens, for each answer that is made at once.'),
  MODEL_N_THREADS: whole(0, 0, 1_024, 'Threads that compute. 0: one for each core that is of use.'),
  MODEL_PARALLEL: whole(4, 1, 64, 'Answers that one of them makes at once; the others wait. Each takes memory.'),
  MODEL_MAX_LOADED: whole(
    2,
    1,
    64,
    'Of them in memory at once. The one that has idled longest makes room for another.',
  ),
  MODEL_IDLE_UNLOAD_SECONDS: whole(900, 0, 604_800, 'One that idles for so long is unloaded. 0: never.'),
  MODEL_CHAT_FORMAT: text(
    "Chat format, such as chatML, llama3.1, mistral, gemma or general. Unset: by the template in the model's file.",
  ),
  HF_ENDPOINT: url('Where llama-cpp/hf:owner/repository/file.gguf is pulled from. Default: https://huggingface.co.'),
  HF_TOKEN: text('Token for models there that are not open to everybody.'),
  ENABLE_CACHE: flag(
    false,
    'Whoever sends exactly the same prompt (model, options, conversation, passages) gets the answer that there is.',
  ),
  CACHE_TTL_SECONDS: whole(3_600, 1, 2_592_000, 'How long an answer is kept in the cache.'),
  CACHE_MAX_MB: whole(64, 1, 100_000, 'Most that cached answers may take, in Redis (REDIS_URL) or in this process.'),

  MAX_UPLOAD_MB: whole(50, 1, 2_000, 'Largest file that may be uploaded.'),
  USER_STORAGE_MB: whole(2_000, 1, 10_000_000, 'What the files of one user may take.'),
  MAX_IMPORT_MB: whole(
    500,
    1,
    10_000,
    'Largest file of conversations that may be imported; of a zip, also what its conversations have unpacked.',
  ),
  FILES_DIR: text('Folder of uploaded files. Several servers share it. Default: files in DATA_DIR.'),
  WORKER_ENABLED: flag(true, 'false: this server reads no uploaded files; another one that shares its database does.'),
  WORKER_CONCURRENCY: whole(1, 1, 16, 'Files that one server reads at once.'),
  FILE_READ_TIMEOUT_SECONDS: whole(300, 5, 86_400, 'Longest time to get the text out of a file.'),
  FILE_READ_MEMORY_MB: whole(512, 64, 16_384, 'Memory for getting the text out of a file.'),
  CHUNK_TOKENS: whole(
    400,
    50,
    4_000,
    'Size of the pieces that files are split into. Counts for files read from then on.',
  ),
  EMBEDDING_MODEL: text(
    'Finds passages by meaning too: ollama/nomic-embed-text, openai/text-embedding-3-small, llama-cpp/<file.gguf>. Unset: by their words only.',
  ),
  CHROMA_URL: url(
    'Chroma server for the vectors. Unset: with EMBEDDING_MODEL, one is started on loopback, in DATA_DIR.',
  ),
  RETRIEVAL_TOP_K: whole(6, 1, 50, 'Passages that an answer is grounded in, where the client does not say.'),
  RETRIEVAL_CONTEXT_TOKENS: whole(3_000, 200, 100_000, 'Most that passages may take of a prompt.'),
  QUERY_REWRITE_ENABLED: flag(true, 'Follow-up questions are made to stand alone before they are looked up.'),
  RERANK_ENABLED: flag(false, 'A model puts the passages that were found into order, where the client does not say.'),
  RERANK_MODEL: text(
    'Model that does it: a chat model, or llama-cpp/<file.gguf> of a reranker. Unset: the one that answers.',
  ),
  RERANK_TOP_N: whole(3, 1, 50, 'Passages that are kept after that.'),

  MODEL_CONNECT_TIMEOUT_SECONDS: whole(10, 1, 600, 'Longest wait for a provider to accept a connection.'),
  MODEL_FIRST_TOKEN_TIMEOUT_SECONDS: whole(
    120,
    1,
    3_600,
    'Longest wait for the first token: loading a large model counts.',
  ),
  MODEL_IDLE_TIMEOUT_SECONDS: whole(60, 1, 3_600, 'Longest silence between two tokens.'),
  MODEL_TOTAL_TIMEOUT_SECONDS: whole(1_800, 1, 86_400, 'Longest generation.'),
  MODEL_RETRIES: whole(2, 0, 10, 'Further attempts, before the first token only.'),
  MAX_ANSWER_CHARACTERS: whole(1_000_000, 1_000, 10_000_000, 'Where a runaway answer is ended.'),
});

export type Config = z.infer<typeof environmentSchema> & {
  /** What programs with native code of others get of the environment: where GPUs and their libraries are. */
  nativeEnvironment: Record<string, string>;
};

const NATIVE_VARIABLES =
  /^(PATH|TMPDIR|TEMP|TMP|SYSTEMROOT|LD_LIBRARY_PATH|DYLD_\w+|(CUDA|NVIDIA|GGML|VK|VULKAN|HIP|ROCR|HSA|MTL|METAL|OMP)_\w+)$/i;

function nativeEnvironmentOf(environment: Record<string, string | undefined>): Record<string, string> {
  const wanted = Object.entries(environment).filter(
    ([name, value]) => value !== undefined && NATIVE_VARIABLES.test(name),
  );
  return Object.fromEntries(wanted) as Record<string, string>;
}

/** A fault per line, each naming its variable. */
export class ConfigError extends Error {
  readonly faults: string[];

  constructor(faults: string[]) {
    super(faults.join('\n'));
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

/** Reads the environment. Throws ConfigError with every fault, not only the first. */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const parsed = environmentSchema.safeParse(environment);
  const faults = parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
  const production = environment.NODE_ENV === 'production';
  if (production && !environment.JWT_SECRET?.trim()) {
    faults.push(
      'JWT_SECRET must be set in production: at least 32 random characters, such as from `openssl rand -base64 48`',
    );
  }
  if (environment.AIHUB_API_KEY?.trim() && !environment.AIHUB_BASE_URL?.trim()) {
    faults.push('AIHUB_BASE_URL must be set when AIHUB_API_KEY is');
  }
  if (parsed.data?.CHROMA_URL && new URL(parsed.data.CHROMA_URL).pathname !== '/') {
    faults.push('CHROMA_URL must have no path, such as http://127.0.0.1:8000');
  }
  if (!parsed.success || faults.length > 0) throw new ConfigError(faults);
  return { ...parsed.data, nativeEnvironment: nativeEnvironmentOf(environment) };
}
