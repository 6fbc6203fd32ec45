import type { Prisma } from '../generated/prisma/client.ts';

/** Who does something, and from where. */
export type Actor = {
  /** Null: nobody who has signed in. */
  userId: string | null;
  name: string;
  /** Null: not over the network, or not known. */
  ip: string | null;
};

export type AuditAction =
  | 'api-key-created'
  | 'api-key-deactivated'
  | 'api-key-deleted'
  | 'api-key-deletion-begun'
  | 'api-key-prompt-set'
  | 'api-key-refused'
  | 'cache-flushed'
  | 'collection-changed'
  | 'collection-created'
  | 'collection-deleted'
  | 'collection-deletion-begun'
  | 'login-failed'
  | 'model-pull-cancelled'
  | 'model-pull-ordered'
  | 'model-removed'
  | 'model-version-changed'
  | 'model-version-created'
  | 'model-version-deleted'
  | 'reindex-ordered'
  | 'system-prompt-changed'
  | 'system-prompt-created'
  | 'system-prompt-deleted'
  | 'system-prompt-restored'
  | 'turn-blocked'
  | 'turn-not-judged'
  | 'user-changed'
  | 'user-created'
  | 'user-deleted'
  | 'user-deletion-begun';

export type AuditEntry = {
  actor: Actor;
  action: AuditAction;
  /** What it was done to. The type is that of the graph; the id is null for what has none there, such as a model. */
  subject?: { type: string; id: string | null; name: string | null };
  /** Never a secret. */
  details?: Record<string, string | number | boolean | null>;
};

/**
 * Adds to the audit log. Within the transaction of what was done, where there is one: it is recorded if it has happened,
 * and happens only if it is recorded.
 */
export type RecordAudit = (
  entry: AuditEntry,
  transaction?: Pick<Prisma.TransactionClient, 'auditEvent'>,
) => Promise<void>;
