import { hostname } from 'node:os';
import type { PrismaClient } from '../../generated/prisma/client.ts';
import { INTERRUPTION } from './run-turn.ts';

export type InstancesDependencies = {
  prisma: PrismaClient;
  instanceId: string;
  /** True when no other process can have the database: whatever is running in it is then left over. */
  exclusive: boolean;
  now: () => Date;
  logError: (error: unknown) => void;
  /** Called with the turns that were closed for a server that is gone. */
  onInterrupted: (turnIds: string[]) => void;
};

const HEARTBEAT_MS = 5_000;
/** How long after its last heartbeat a server counts as gone. */
const LEASE_MS = 15_000;

/** By the database's clock, which all servers share. */
const RENEW = `
INSERT INTO instances (id, hostname, pid, started_at, heartbeat_at) VALUES ($1::uuid, $2, $3::int, now(), now())
ON CONFLICT (id) DO UPDATE SET heartbeat_at = now()`;

const FORGET_DEAD = `DELETE FROM instances WHERE heartbeat_at <= now() - $1 * interval '1 millisecond'`;

const INTERRUPT_ORPHANS = `
WITH ended AS (
  UPDATE turns SET status = 'INTERRUPTED', cursor = greatest(cursor, 2) + 1, finished_at = $1::timestamptz
  WHERE status = 'GENERATING'
    AND instance_id NOT IN (SELECT id FROM instances WHERE heartbeat_at > now() - $2 * interval '1 millisecond')
  RETURNING id, assistant_message_id, partial_content, partial_reasoning, partial_segments, created_at
), answer AS (
  UPDATE messages SET status = 'INTERRUPTED', finish_reason = 'ERROR', content = ended.partial_content,
    reasoning = nullif(ended.partial_reasoning, ''), segments = ended.partial_segments,
    prompt_tokens = 0, completion_tokens = ceil(length(ended.partial_content) / 4.0)::int,
    duration_ms = greatest(0, least(extract(epoch FROM $1::timestamptz - ended.created_at) * 1000, 2147483647))::int,
    error_code = $3, error_message = $4, error_retryable = true
  FROM ended WHERE messages.id = ended.assistant_message_id
)
SELECT id FROM ended`;

/**
 * Says that this server lives, and closes the turns of those that do not: one row an instance, however many turns it
 * runs. A server of the same machine whose process is gone counts as gone at once.
 */
export function createInstances(deps: InstancesDependencies) {
  const { prisma, instanceId, now } = deps;
  let timer: NodeJS.Timeout | undefined;
  let beating: Promise<void> = Promise.resolve();

  async function start(): Promise<void> {
    await prisma.instance.deleteMany({ where: deps.exclusive ? {} : await deadNeighbours() });
    await renew();
    await interruptOrphans();
    timer = setInterval(() => {
      beating = beat();
    }, HEARTBEAT_MS);
  }

  async function deadNeighbours() {
    const neighbours = await prisma.instance.findMany({ where: { hostname: hostname() } });
    // A process has one server; a row with this process's id was left by one that had the id before.
    const dead = neighbours.filter(({ pid }) => pid === process.pid || !processExists(pid));
    return { id: { in: dead.map(({ id }) => id) } };
  }

  const renew = () => prisma.$executeRawUnsafe(RENEW, instanceId, hostname(), process.pid);

  async function beat(): Promise<void> {
    try {
      await renew();
      await interruptOrphans();
    } catch (error) {
      deps.logError(error);
    }
  }

  /** Closes, with their last checkpoint, the turns whose server is gone. */
  async function interruptOrphans(): Promise<void> {
    const rows = await prisma.$queryRawUnsafe<{ id: string }[]>(
      INTERRUPT_ORPHANS,
      now(),
      LEASE_MS,
      INTERRUPTION.code,
      INTERRUPTION.message,
    );
    if (rows.length > 0) deps.onInterrupted(rows.map(({ id }) => id));
    await prisma.$executeRawUnsafe(FORGET_DEAD, LEASE_MS);
  }

  return {
    start,
    async dispose(): Promise<void> {
      clearInterval(timer);
      await beating;
      await prisma.instance.deleteMany({ where: { id: instanceId } });
    },
  };
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
