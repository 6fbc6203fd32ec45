import type { PrismaClient } from '../../generated/prisma/client.ts';
import type { AuditEntry, RecordAudit } from '../../ports/audit-log.ts';
import { cut, storable } from '../../util/text.ts';

export type AuditDependencies = {
  prisma: PrismaClient;
  now: () => Date;
  createId: () => string;
  retentionDays: number;
};

export type Audit = ReturnType<typeof createAudit>;

const DAY_MS = 86_400_000;
const REMOVED_AT_ONCE = 1_000;
const MAX_TEXT = 500;

/** What has been done by those who run the server, and who has failed to sign in. */
export function createAudit({ prisma, now, createId, retentionDays }: AuditDependencies) {
  const record: RecordAudit = async ({ actor, action, subject, details }, client = prisma) => {
    await client.auditEvent.create({
      data: {
        id: createId(),
        createdAt: now(),
        actorId: actor.userId,
        actorName: bounded(actor.name),
        action,
        ...(subject && {
          subjectType: subject.type,
          subjectId: subject.id,
          subjectName: subject.name && bounded(subject.name),
        }),
        ip: actor.ip,
        ...(details && { details: boundedAll(details) }),
      },
      select: { id: true },
    });
  };

  /** Removes what is older than it is kept for, a batch at a time: others write meanwhile. Returns how many. */
  async function purge(): Promise<number> {
    const before = new Date(now().getTime() - retentionDays * DAY_MS);
    let removed = 0;
    for (;;) {
      const count = await prisma.$executeRaw`
        DELETE FROM audit_events WHERE id IN (
          SELECT id FROM audit_events WHERE created_at < ${before} ORDER BY created_at, id LIMIT ${REMOVED_AT_ONCE}
        )`;
      removed += count;
      if (count < REMOVED_AT_ONCE) return removed;
    }
  }

  return { record, purge };
}

const bounded = (text: string) => cut(storable(text), MAX_TEXT);

function boundedAll(details: NonNullable<AuditEntry['details']>) {
  return Object.fromEntries(
    Object.entries(details).map(([name, value]) => [name, typeof value === 'string' ? bounded(value) : value]),
  );
}
