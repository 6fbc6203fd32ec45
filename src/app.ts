import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Logger } from 'pino';
import { createArgon2Hasher } from './adapters/crypto/argon2-hasher.ts';
import { createJwtAccessTokens } from './adapters/crypto/jwt-access-tokens.ts';
import { keptSecret } from './adapters/crypto/kept-secret.ts';
import { type Database, openEmbeddedDatabase, openPostgresDatabase } from './adapters/db/open-database.ts';
import { createAppKeys } from './app/keys.ts';
import { createKnowledge, type KnowledgeOverrides } from './app/knowledge.ts';
import { createLimits } from './app/limits.ts';
import { createModelStores } from './app/model-stores.ts';
import { createNamedModels } from './app/named-models.ts';
import { createProviders } from './app/providers.ts';
import { createAppGuard } from './app/safety.ts';
import { createShared } from './app/shared.ts';
import { checkModels } from './app/startup-checks.ts';
import { createTelemetry } from './app/telemetry.ts';
import { createAppTransfer } from './app/transfer.ts';
import { createAppTransport } from './app/transport.ts';
import { createAppEmbedders } from './app/vectors.ts';
import type { Config } from './config.ts';
import type { Services } from './graphql/context.ts';
import { createAccounts } from './services/accounts/accounts.ts';
import { createPeople } from './services/accounts/people.ts';
import { createSessions } from './services/accounts/sessions.ts';
import { createAudit } from './services/audit/audit.ts';
import { createLoginFailures } from './services/audit/login-failures.ts';
import { createCacheService } from './services/cache/cache.ts';
import { createChat } from './services/chat/chat.ts';
import { titleFrom, UNTITLED } from './services/chat/title.ts';
import { createChangedSince, watchConversations, watchDeletedConversations } from './services/conversations/changes.ts';
import { createConversations } from './services/conversations/conversations.ts';
import { createHealth } from './services/health/health.ts';
import { createKeyUsers } from './services/keys/key-users.ts';
import { createPulls } from './services/models/pulls.ts';
import { createModelVersions } from './services/models/versions.ts';
import { createConversationUsers } from './services/prompts/conversation-users.ts';
import { createPrompts } from './services/prompts/prompts.ts';
import { createUsage } from './services/usage/usage.ts';
import { delay } from './util/delay.ts';
import { createId } from './util/ids.ts';

/** What a test may put in place of the real thing. */
export type AppOverrides = { database?: Database; now?: () => Date; knowledge?: KnowledgeOverrides };

export type App = {
  /** Where people reach it. */
  url: string;
  database: Database;
  services: Services;
  /** What is open now. */
  load(): { sockets: number; turnStreams: number; runningTurns: number };
  /**
   * Is not ready any more and takes no new turns; what runs gets its time to finish, and is shown. Resolves when nothing
   * runs, or that time is over.
   */
  drain(): Promise<void>;
  dispose(): Promise<void>;
};

/** Beside `src` as beside `dist`, in the repository as in the published package. */
const PACKAGE_FILE = new URL('../package.json', import.meta.url);
const HOUSEKEEPING_MS = 3_600_000;

/** Puts the parts together and listens. What connects is made here, and ended by `dispose` in reverse order. */
export async function startApp(config: Config, logger: Logger, overrides: AppOverrides = {}): Promise<App> {
  const disposals: (() => Promise<void> | void)[] = [];
  const dispose = async () => {
    for (const end of disposals.splice(0).reverse()) {
      await Promise.resolve(end()).catch((error: unknown) => logger.error({ err: error }, 'A part did not close.'));
    }
  };
  try {
    return await compose(config, logger, overrides, disposals, dispose);
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function compose(
  config: Config,
  logger: Logger,
  overrides: AppOverrides,
  disposals: (() => Promise<void> | void)[],
  dispose: () => Promise<void>,
): Promise<App> {
  const now = overrides.now ?? (() => new Date());
  const logError = (error: unknown, context: Record<string, unknown> = {}) => logger.error({ err: error, ...context });
  const warn = (message: string, context: Record<string, unknown>) => logger.warn(context, message);
  const dataDirectory = resolve(config.DATA_DIR);

  // Before anything is opened: what the settings name has to be there.
  const { providers, llama, disposeProviders } = createProviders({
    config,
    dataDirectory,
    debug: (message) => logger.debug(message),
    warn: (message) => logger.warn(message),
  });
  disposals.push(disposeProviders);
  const models = createNamedModels(config, providers, now);
  disposals.push(models.dispose);
  const embedderFor = overrides.knowledge?.embedderFor ?? createAppEmbedders(config, llama.embed).embedderFor;

  const database = overrides.database ?? (await openDatabase(config, dataDirectory, (message) => logger.warn(message)));
  disposals.push(database.dispose);
  const { prisma } = database;
  const audit = createAudit({ prisma, now, createId, retentionDays: config.AUDIT_RETENTION_DAYS });
  const { record } = audit;
  const secret = config.JWT_SECRET ?? (await keptSecret(dataDirectory, 'jwt'));
  if (config.REDIS_URL && !config.JWT_SECRET) {
    logger.warn('JWT_SECRET is not set: should other servers share this Redis, a sign-in at this one is none at them.');
  }

  const telemetry = createTelemetry({ database, token: config.METRICS_TOKEN });
  disposals.push(telemetry.dispose);
  const instanceId = createId();
  const shared = await createShared({
    config,
    instanceId,
    stillMine: () => chat.stillMine(),
    holdsLease: () => chat.holdsLease(),
    refused: telemetry.refused,
    logError,
    warn: (message) => logger.warn(message),
  });
  disposals.push(shared.dispose);
  const { bus } = shared;

  const pulls = createPulls({
    stores: createModelStores({ config, dataDirectory, llama }),
    bus,
    record,
    delay,
    clock: () => performance.now(),
    changed: models.changed,
    logError,
  });
  disposals.push(pulls.dispose);

  const sessions = createSessions({
    prisma,
    accessTokens: createJwtAccessTokens({ secret, lifetimeSeconds: config.ACCESS_TOKEN_MINUTES * 60 }),
    bus,
    now,
    createId,
    sessionDays: config.REFRESH_TOKEN_DAYS,
  });
  const limits = createLimits({ config, limiter: shared.limiter, now });
  const passwords = createArgon2Hasher();
  const accounts = createAccounts({
    prisma,
    passwords,
    sessions,
    loginFailed: createLoginFailures({ record, limiter: shared.limiter, logError }),
    attempts: limits.attempts,
    now,
    createId,
    adminUsername: config.ADMIN_USERNAME,
    registrationEnabled: config.REGISTRATION_ENABLED,
  });
  let url = config.PUBLIC_URL ?? '';
  const knowledge = await createKnowledge({
    config,
    dataDirectory,
    database,
    bus,
    cache: shared.cache,
    record,
    now,
    baseUrl: () => url,
    models,
    llama,
    embedderFor,
    overrides: overrides.knowledge,
    logError,
    warn: (message, context) => logger.warn(context ?? {}, message),
    debug: (message) => logger.debug(message),
  });
  disposals.push(knowledge.dispose);
  const chat = createChat({
    prisma,
    eventLog: shared.eventLog,
    journal: shared.journal,
    cache: config.ENABLE_CACHE ? shared.cache : null,
    bus,
    instanceId,
    exclusiveDatabase: database.exclusive,
    now,
    createId,
    delay,
    resolveModel: models.resolve,
    streamModel: models.stream,
    windowOf: models.windowOf,
    fallbackModel: models.fallbackModel,
    admission: limits.admission,
    searchScope: knowledge.services.retrieval.scope,
    ground: knowledge.services.retrieval.ground,
    createNonce: () => randomBytes(5).toString('hex'),
    systemPrompt: config.DEFAULT_SYSTEM_PROMPT,
    maxAnswerCharacters: config.MAX_ANSWER_CHARACTERS,
    metrics: telemetry.turnMetrics(models),
    guard: createAppGuard({ config, models, prisma, record, logError, warn }),
    logError,
    warn,
  });
  // Also where it is made, should what follows not come up; a second time it has nothing to do.
  disposals.push(chat.dispose);
  await chat.start();
  const conversations = createConversations({
    prisma,
    bus,
    now,
    createId,
    titleFrom,
    untitled: UNTITLED,
    stopTurn: chat.stop,
    generate: async (userId, conversationId, prompt, request) => {
      const turn = await chat.chat(userId, {
        turnKey: createId(),
        text: prompt,
        conversationId: null,
        newConversationId: conversationId,
        title: request.title ?? undefined,
        systemPromptId: request.systemPromptId,
        parentId: null,
        model: request.model,
        options: {},
        ip: request.ip,
        tokensPerDay: request.tokensPerDay,
      });
      await chat.ended(userId, turn.id);
    },
  });
  const health = createHealth({
    version: (JSON.parse(readFileSync(PACKAGE_FILE, 'utf8')) as { version: string }).version,
    pingDatabase: database.ping,
    databaseEngine: database.engine,
    providerStatuses: models.statuses,
    vectorState: knowledge.vectors?.state ?? null,
    workerEnabled: config.WORKER_ENABLED,
    cacheEnabled: config.ENABLE_CACHE,
    pingRedis: shared.redis?.ping ?? null,
  });

  const usedBy = [createConversationUsers(prisma), createKeyUsers(prisma)];
  const prompts = createPrompts({ prisma, record, now, createId, usedBy });
  const { keys, removeBelongings, isLiving } = createAppKeys({
    prisma,
    bus,
    limiter: shared.limiter,
    record,
    prompts,
    sessions,
    stopTurn: chat.stop,
    removeFilesOf: knowledge.services.files.removeAllOf,
    now,
    logError,
  });
  disposals.push(keys.dispose);
  const changedSince = createChangedSince(prisma, now);
  const services: Services = {
    ...knowledge.services,
    ...telemetry.services,
    accounts,
    people: createPeople({ prisma, passwords, bus, record, removeBelongings, now, createId }),
    sessions,
    keys,
    chat,
    conversations,
    models,
    pulls,
    modelVersions: createModelVersions({ prisma, record, now, createId }),
    prompts,
    usage: createUsage({ prisma, now }),
    health,
    cache: createCacheService({ cache: shared.cache, enabled: config.ENABLE_CACHE, record }),
    transfer: createAppTransfer({ config, dataDirectory, prisma, bus, now }),
    watchConversations: (userId, only, signal) => watchConversations(bus, changedSince, userId, only, signal),
    watchDeletedConversations: (userId, signal) => watchDeletedConversations(bus, userId, signal),
  };

  const { server, sockets, turnStreams } = createAppTransport({
    config,
    prisma,
    services,
    bus,
    requests: limits.requests,
    telemetry,
    isLiving,
    now,
    logError,
  });
  const port = await server.listen();
  url ||= `http://${hostInUrl(config.HOST)}:${port}`;
  disposals.push(server.dispose);
  // Before the sockets close: whoever watches is told how the turn ended.
  disposals.push(chat.dispose);

  const housekeeping = setInterval(() => {
    sessions.purge().catch(logError);
    audit.purge().catch(logError);
    knowledge.housekeeping().catch(logError);
    telemetry.housekeeping().catch(logError);
  }, HOUSEKEEPING_MS);
  disposals.push(() => clearInterval(housekeeping));
  disposals.push(health.close);

  checkModels({
    config,
    providers,
    llama,
    info: (message) => logger.info(message),
    warn: (message) => logger.warn(message),
    logError: (error) => logger.error({ err: error }, 'A check of the models failed.'),
  });

  const load = () => ({
    sockets: sockets.socketCount(),
    turnStreams: turnStreams.count(),
    runningTurns: chat.runningCount(),
  });
  telemetry.connect({ load, services });
  const drain = async () => {
    health.close();
    sockets.drain();
    await chat.drain(config.SHUTDOWN_GRACE_SECONDS * 1_000);
  };
  return { url, database, services, load, drain, dispose };
}

function openDatabase(config: Config, dataDirectory: string, warn: (message: string) => void): Promise<Database> {
  if (config.DATABASE_URL) {
    const options = { poolSize: config.DATABASE_POOL_SIZE, prepare: config.DATABASE_PREPARED_STATEMENTS, warn };
    return openPostgresDatabase(config.DATABASE_URL, options);
  }
  return openEmbeddedDatabase(dataDirectory, warn);
}

/** An address to listen on, as it stands in a link that works on this machine. */
function hostInUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
