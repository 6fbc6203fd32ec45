import type { PrismaClient } from '../generated/prisma/client.ts';
import type { Accounts } from '../services/accounts/accounts.ts';
import type { People } from '../services/accounts/people.ts';
import type { Sessions } from '../services/accounts/sessions.ts';
import type { PersonViewer, Viewer } from '../services/accounts/viewer.ts';
import type { CacheService } from '../services/cache/cache.ts';
import type { Chat } from '../services/chat/chat.ts';
import type { Conversations } from '../services/conversations/conversations.ts';
import type { Collections } from '../services/files/collections.ts';
import type { Files } from '../services/files/files.ts';
import type { Health } from '../services/health/health.ts';
import type { Reindex } from '../services/ingestion/reindex.ts';
import type { Keys } from '../services/keys/keys.ts';
import type { Models } from '../services/models/models.ts';
import type { Pulls } from '../services/models/pulls.ts';
import type { ModelVersions } from '../services/models/versions.ts';
import type { Prompts } from '../services/prompts/prompts.ts';
import type { Retrieval } from '../services/retrieval/retrieval.ts';
import type { Stats } from '../services/stats/stats.ts';
import type { Transfer } from '../services/transfer/transfer.ts';

/** What resolvers can call. */
export type Services = {
  accounts: Accounts;
  people: People;
  sessions: Sessions;
  keys: Keys;
  chat: Chat;
  conversations: Conversations;
  files: Files;
  collections: Collections;
  retrieval: Retrieval;
  reindex: Reindex;
  stats: Stats;
  models: Models;
  pulls: Pulls;
  modelVersions: ModelVersions;
  prompts: Prompts;
  health: Health;
  cache: CacheService;
  transfer: Transfer;
  /** Ids as the conversations change, or as they are deleted. */
  watchConversations: (userId: string, only: string | null, signal?: AbortSignal) => AsyncIterableIterator<string>;
  watchDeletedConversations: (userId: string, signal?: AbortSignal) => AsyncIterableIterator<string>;
};

/** One operation's. */
export type Context = {
  viewer: Viewer | null;
  /** Of which kind the credential was that was sent and is not good (any more). Null: it is good, or there was none. */
  credentialRefused: Viewer['credential']['type'] | null;
  /** Where the operation comes from. Null: not known. */
  ip: string | null;
  /** Ends what the operation subscribes to: the client has left, or may not listen any more. Sockets do without. */
  signal?: AbortSignal;
  /** True for the events of a subscription whose cost was checked when it began. */
  costChecked?: boolean;
  prisma: PrismaClient;
  services: Services;
};

export type SignedInContext = Context & { viewer: Viewer };
export type PersonContext = Context & { viewer: PersonViewer };
