import type { PrismaClient } from '../../generated/prisma/client.ts';
import type { RecordAudit } from '../../ports/audit-log.ts';
import type { Judgement } from './judge.ts';
import type { Ruling, SafetyMode } from './verdict.ts';

export type GuardedTurn = {
  id: string;
  userId: string;
  /** Where it was asked from. Null: not known. */
  ip: string | null;
};

export type RecordedRuling = Judgement & {
  ruling: Ruling;
  judged: 'input' | 'output';
  mode: SafetyMode;
  /** The guard's. */
  model: string;
};

export type RecordRuling = (turn: GuardedTurn, ruling: RecordedRuling) => Promise<void>;

export type RecordRulingDependencies = {
  prisma: Pick<PrismaClient, 'user'>;
  record: RecordAudit;
  logError: (error: unknown, context: Record<string, unknown>) => void;
};

/**
 * Puts down what was blocked, and what was let through without a verdict: of whom, why, by which guard. Nothing of the
 * text, which is in the turn for those who may read it. Never rejects: the ruling holds all the same.
 */
export function createRecordRuling({ prisma, record, logError }: RecordRulingDependencies): RecordRuling {
  return async ({ id, userId, ip }, { ruling, judged, verdict, categories, reason, mode, model }) => {
    try {
      const select = { username: true, apiKey: { select: { prefix: true } } } as const;
      const user = await prisma.user.findUnique({ where: { id: userId }, select });
      const key = user?.apiKey;
      await record({
        // Behind a key there is no account, and its client may be called like somebody.
        actor: { userId: key ? null : userId, name: user?.username ?? 'deleted account', ip },
        action: ruling === 'blocked' ? 'turn-blocked' : 'turn-not-judged',
        subject: { type: 'Turn', id, name: null },
        details: {
          judged,
          verdict,
          mode,
          model,
          ...(categories && { categories }),
          ...(reason && { reason }),
          ...(key && { apiKey: key.prefix }),
        },
      });
    } catch (error) {
      logError(error, { during: 'safety', turnId: id });
    }
  };
}
