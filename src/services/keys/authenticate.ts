import type { Prisma, PrismaClient } from '../../generated/prisma/client.ts';
import type { RecordAudit } from '../../ports/audit-log.ts';
import type { Bus } from '../../ports/bus.ts';
import type { RateLimiter } from '../../ports/rate-limiter.ts';
import { batched } from '../../util/batched.ts';
import type { KeyViewer } from '../accounts/viewer.ts';
import { createKeyCache } from './key-cache.ts';
import { hashSecret, isSecret } from './secret.ts';

export type KeyAccessDependencies = {
  prisma: PrismaClient;
  bus: Pick<Bus, 'subscribe' | 'onGap'>;
  limiter: Pick<RateLimiter, 'consume'>;
  record: RecordAudit;
  now: () => Date;
  logError: (error: unknown) => void;
};

const COLUMNS = {
  id: true,
  userId: true,
  clientName: true,
  collectionId: true,
  systemPromptId: true,
  requestsPerMinute: true,
  tokensPerDay: true,
  expiresAt: true,
  deactivatedAt: true,
  lastUsedAt: true,
} as const;

type KeyRow = Prisma.ApiKeyGetPayload<{ select: typeof COLUMNS }>;

/** How exactly the last use is known. */
const USED_MS = 60_000;
/** Uses of one key after its end that are put down. */
const REFUSALS = { name: 'audit-key', points: 1, seconds: 60 };

/** Whether a key can be used. */
export function isActive({ expiresAt, deactivatedAt }: Pick<KeyRow, 'expiresAt' | 'deactivatedAt'>, now: Date) {
  return deactivatedAt === null && (expiresAt === null || expiresAt > now);
}

/** Who comes with an API key. A key that is in use costs no query. */
export function createKeyAccess({ prisma, bus, limiter, record, now, logError }: KeyAccessDependencies) {
  const cache = createKeyCache<KeyRow>({ bus });
  /** Last uses that are being written. */
  const writing = new Set<Promise<void>>();

  /** Who holds this secret; null when it is none, or its key is not good (any more). `ip`: where it was sent from. */
  async function authenticate(secret: string, ip: string | null): Promise<KeyViewer | null> {
    if (!isSecret(secret)) return null;
    const hash = hashSecret(secret);
    const read = async () => (await prisma.apiKey.findUnique({ where: { hash }, select: COLUMNS })) ?? undefined;
    const key = await cache.get(hash, read);
    if (!key) return null;
    if (!isActive(key, now())) {
      await recordRefusal(key, ip);
      return null;
    }
    touch(key);
    return {
      userId: key.userId,
      username: key.clientName,
      isAdmin: false,
      expiresAt: key.expiresAt,
      credential: { type: 'key', keyId: key.id },
      key: {
        collectionId: key.collectionId,
        systemPromptId: key.systemPromptId,
        limits: { requestsPerMinute: key.requestsPerMinute, tokensPerDay: key.tokensPerDay },
      },
    };
  }

  /** Puts down the use, once a minute however many instances there are. Nobody waits for it. */
  function touch(key: KeyRow): void {
    const at = now();
    const before = new Date(at.getTime() - USED_MS);
    if (key.lastUsedAt !== null && key.lastUsedAt > before) return;
    key.lastUsedAt = at;
    const unless = { OR: [{ lastUsedAt: null }, { lastUsedAt: { lte: before } }] };
    const write = prisma.apiKey
      .updateMany({ where: { id: key.id, ...unless }, data: { lastUsedAt: at } })
      .then(() => {}, logError)
      .finally(() => writing.delete(write));
    writing.add(write);
  }

  /** The key is refused whatever becomes of this. */
  async function recordRefusal({ id, clientName, deactivatedAt }: KeyRow, ip: string | null): Promise<void> {
    try {
      if (!(await limiter.consume(REFUSALS, id)).allowed) return;
      await record({
        actor: { userId: null, name: clientName, ip },
        action: 'api-key-refused',
        subject: { type: 'ApiKey', id, name: clientName },
        details: { reason: deactivatedAt ? 'deactivated' : 'expired' },
      });
    } catch (error) {
      logError(error);
    }
  }

  /** Whether a key is good still. Asked for many at a time, it is one statement. */
  const living = batched(async (ids: string[]): Promise<Map<string, true>> => {
    const keys = await prisma.apiKey.findMany({ where: { id: { in: ids } }, select: COLUMNS });
    return new Map(keys.filter((key) => isActive(key, now())).map(({ id }) => [id, true]));
  });

  return {
    authenticate,
    isLiving: async (keyId: string) => (await living(keyId)) ?? false,
    async dispose(): Promise<void> {
      cache.dispose();
      await Promise.all(writing);
    },
  };
}
