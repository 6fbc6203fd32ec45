import { AppError, badInput, notFound } from '../../errors.ts';
import type { ApiKey, Prisma, PrismaClient } from '../../generated/prisma/client.ts';
import type { Actor } from '../../ports/audit-log.ts';
import type { Bus } from '../../ports/bus.ts';
import { isForeignKeyViolation, uniqueViolation } from '../../util/database-errors.ts';
import type { Viewer } from '../accounts/viewer.ts';
import type { NewPrompt } from '../prompts/prompts.ts';
import { createKeyAccess, isActive, type KeyAccessDependencies } from './authenticate.ts';
import { EVERY_KEY } from './key-cache.ts';
import type { KeyLimits } from './key-grant.ts';
import { closeKey, createRemoveKey, keySubject, lockKey, type RemoveKeyDependencies } from './remove-key.ts';
import { createSecret, hashSecret, isSecret } from './secret.ts';

export type KeysDependencies = KeyAccessDependencies &
  Omit<RemoveKeyDependencies, 'ended'> & {
    prisma: PrismaClient;
    bus: Bus;
    now: () => Date;
    createId: () => string;
    /** Returns the id. Throws CONFLICT for a taken name. */
    createPrompt: (
      author: Actor & { userId: string },
      prompt: NewPrompt,
      transaction: Prisma.TransactionClient,
    ) => Promise<string>;
  };

export type NewKey = KeyLimits & {
  clientName: string;
  notes: string | null;
  collectionId: string | null;
  systemPromptId: string | null;
  /** In place of `systemPromptId`: is made with the key. */
  prompt: NewPrompt | null;
  expiresAt: Date | null;
};

export type KeyStatus = {
  exists: boolean;
  active: boolean;
  clientName: string | null;
  collectionName: string | null;
  systemPromptName: string | null;
  lastUsedAt: Date | null;
  createdAt: Date | null;
};

export type Keys = ReturnType<typeof createKeys>;

const NAMES = { collection: { select: { name: true } }, systemPrompt: { select: { name: true } } } as const;

/** Credentials of programs. A key is an owner like a person, with what it may do and see bound to one collection. */
export function createKeys(deps: KeysDependencies) {
  const { prisma, bus, record, now, createId } = deps;
  const access = createKeyAccess(deps);
  const remove = createRemoveKey({ ...deps, ended });

  /** At once, on all instances: what is remembered of keys is forgotten, and what is open with this one is closed. */
  function ended({ userId }: Pick<ApiKey, 'userId'>): void {
    changed();
    bus.publish('access-revoked', userId, { sessionId: null });
  }

  function changed(): void {
    bus.publish('api-key-changed', EVERY_KEY, {});
  }

  /**
   * Returns the id, and the secret, which nobody can be told again. Throws CONFLICT for a taken name, NOT_FOUND for a
   * collection or prompt that is not there, BAD_USER_INPUT for an end in the past and for two prompts.
   */
  async function create(actor: Actor & { userId: string }, input: NewKey): Promise<{ id: string; secret: string }> {
    if (input.prompt && input.systemPromptId) {
      throw badInput({ 'input.prompt': 'Give either systemPromptId or prompt.' });
    }
    if (input.expiresAt && input.expiresAt <= now()) {
      throw badInput({ 'input.expiresAt': 'A key ends in the future, or never.' });
    }
    const { secret, prefix, hash } = createSecret();
    const id = createId();
    await prisma
      .$transaction((transaction) => insert(transaction, actor, input, { id, prefix, hash }))
      .catch(async (error: unknown) => {
        throw await asRefusal(error, input);
      });
    return { id, secret };
  }

  async function insert(
    transaction: Prisma.TransactionClient,
    actor: Actor & { userId: string },
    { prompt, ...input }: NewKey,
    made: Pick<ApiKey, 'id' | 'prefix' | 'hash'>,
  ): Promise<void> {
    const systemPromptId = prompt ? await deps.createPrompt(actor, prompt, transaction) : input.systemPromptId;
    const userId = createId();
    const createdAt = now();
    const { clientName } = input;
    await transaction.user.create({
      // People's names hold no colon.
      data: {
        id: userId,
        kind: 'KEY',
        username: clientName,
        usernameKey: `key:${userId}`,
        passwordHash: '',
        createdAt,
      },
    });
    const key = { ...made, ...input, userId, systemPromptId, clientNameKey: nameKey(clientName), createdAt };
    await transaction.apiKey.create({ data: { ...key, makerId: actor.userId } });
    const details = {
      prefix: made.prefix,
      collection: input.collectionId,
      systemPrompt: systemPromptId,
      requestsPerMinute: input.requestsPerMinute,
      tokensPerDay: input.tokensPerDay,
      expiresAt: input.expiresAt?.toISOString() ?? null,
    };
    await record({ actor, action: 'api-key-created', subject: keySubject(key), details }, transaction);
  }

  /** Of a write that broke a rule of the database, what a person is told. */
  async function asRefusal(error: unknown, { collectionId }: Pick<NewKey, 'collectionId'>): Promise<unknown> {
    if (uniqueViolation(error)) {
      const message = 'There is an API key with this client name already.';
      return new AppError({
        code: 'CONFLICT',
        message,
        fields: { 'input.clientName': 'exists already' },
        cause: error,
      });
    }
    if (!isForeignKeyViolation(error)) return error;
    const isThere = collectionId === null || (await prisma.collection.count({ where: { id: collectionId } })) > 0;
    return notFound(isThere ? 'system prompt' : 'collection');
  }

  /** Refused from now on, everywhere; what was made with it stays. One that was deactivated before stays as it is. */
  async function deactivate(actor: Actor, id: string): Promise<void> {
    const key = await prisma.$transaction(async (transaction) => {
      const found = await lockKey(transaction, id);
      if (found.deactivatedAt) return found;
      await closeKey(transaction, found, now());
      await record({ actor, action: 'api-key-deactivated', subject: keySubject(found) }, transaction);
      return found;
    });
    ended(key);
  }

  /** From the next turn on. Null: the server's default applies. Throws NOT_FOUND. */
  async function setPrompt(actor: Actor, id: string, systemPromptId: string | null): Promise<void> {
    await prisma
      .$transaction(async (transaction) => {
        const key = await lockKey(transaction, id);
        await transaction.apiKey.update({ where: { id }, data: { systemPromptId } });
        const details = { from: key.systemPromptId, to: systemPromptId };
        await record({ actor, action: 'api-key-prompt-set', subject: keySubject(key), details }, transaction);
      })
      .catch((error: unknown) => {
        throw isForeignKeyViolation(error) ? notFound('system prompt') : error;
      });
    changed();
  }

  /** Of the key with this secret; the same for what is none and for what is unknown. */
  async function status(secret: string): Promise<KeyStatus> {
    const where = { hash: hashSecret(secret) };
    const key = isSecret(secret) ? await prisma.apiKey.findUnique({ where, include: NAMES }) : null;
    return {
      exists: key !== null,
      active: key !== null && isActive(key, now()),
      clientName: key?.clientName ?? null,
      collectionName: key?.collection?.name ?? null,
      systemPromptName: key?.systemPrompt?.name ?? null,
      lastUsedAt: key?.lastUsedAt ?? null,
      createdAt: key?.createdAt ?? null,
    };
  }

  return {
    authenticate: access.authenticate,
    isLiving: access.isLiving,
    create,
    deactivate,
    remove,
    setPrompt,
    status,
    isActive: (key: Pick<ApiKey, 'expiresAt' | 'deactivatedAt'>) => isActive(key, now()),
    visible: visibleKeys,
    dispose: access.dispose,
  };
}

/** The condition for the keys that somebody may see: an admin all, a key itself. */
function visibleKeys(viewer: Viewer | null): Prisma.ApiKeyWhereInput {
  return viewer?.isAdmin ? {} : { userId: viewer?.userId ?? '' };
}

/** What decides whether two names are the same. */
function nameKey(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}
