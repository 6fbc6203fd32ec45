import { hostname } from 'node:os';
import type { PrismaClient } from '../../generated/prisma/client.ts';

export type InstancesDependencies = {
  prisma: PrismaClient;
  instanceId: string;
  /** True when no other process can have the database: whatever is running in it is then left over. */
  exclusive: boolean;
  logError: (error: unknown) => void;
  /** Closes the turns of instances that have no row (any more). */
  closeOrphans: () => Promise<void>;
  /** This instance was taken for gone, and its turns have been closed or are about to be. */
  onTakenForGone: () => void;
};

const HEARTBEAT_MS = 3_000;
/** How long after its last heartbeat a server counts as gone. With the time between two looks: 15 seconds at most. */
const LEASE_MS = 12_000;
/** So much earlier a server does not count on it any more: what it shows then may take a moment. */
const LEASE_MARGIN_MS = 2_000;

/** By the database's clock, which all servers share. `xmax` is 0 for a row that was not there. */
const RENEW = `
INSERT INTO instances (id, hostname, pid, started_at, heartbeat_at) VALUES ($1::uuid, $2, $3::int, now(), now())
ON CONFLICT (id) DO UPDATE SET heartbeat_at = now()
RETURNING xmax = 0 AS "isNew"`;

const FORGET_DEAD = `DELETE FROM instances WHERE heartbeat_at <= now() - $1 * interval '1 millisecond'`;

/** The instances of this process: tests have several. */
const livingHere = new Set<string>();

/**
 * Says that this server lives, and closes the turns of those that do not: one row an instance, however many turns it
 * runs. A server of the same machine whose process is gone counts as gone at once.
 */
export function createInstances(deps: InstancesDependencies) {
  const { prisma, instanceId } = deps;
  let timer: NodeJS.Timeout | undefined;
  let beating: Promise<void> = Promise.resolve();
  let isKnown = false;
  /** When the last heartbeat that arrived was sent. */
  let renewedAt: Moment | null = null;
  /** Counts up whenever this instance was taken for gone. */
  let life = 0;

  async function start(): Promise<void> {
    livingHere.add(instanceId);
    await prisma.instance.deleteMany({ where: deps.exclusive ? {} : await deadNeighbours() });
    await renew();
    await closeDead();
    timer = setInterval(() => {
      beating = beat();
    }, HEARTBEAT_MS);
  }

  async function deadNeighbours() {
    const neighbours = await prisma.instance.findMany({ where: { hostname: hostname() } });
    // A row with this process's id was left by one that had the id before.
    const dead = neighbours.filter(({ id, pid }) => (pid === process.pid ? !livingHere.has(id) : !processExists(pid)));
    return { id: { in: dead.map(({ id }) => id) } };
  }

  async function renew(): Promise<void> {
    const sentAt = moment();
    const rows = await prisma.$queryRawUnsafe<{ isNew: boolean }[]>(RENEW, instanceId, hostname(), process.pid);
    const wasGone = isKnown && rows[0]?.isNew === true;
    isKnown = true;
    if (wasGone) {
      life += 1;
      deps.onTakenForGone();
    }
    renewedAt = sentAt;
  }

  async function beat(): Promise<void> {
    try {
      await renew();
      await closeDead();
    } catch (error) {
      deps.logError(error);
    }
  }

  async function closeDead(): Promise<void> {
    // First the row, so that an instance that was only frozen learns of it.
    await prisma.$executeRawUnsafe(FORGET_DEAD, LEASE_MS);
    await deps.closeOrphans();
  }

  return {
    start,
    /** Whether this instance is the one that it was. Throws when the database does not say. */
    async stillMine(): Promise<boolean> {
      const before = life;
      await renew();
      return life === before;
    },
    /** Whether no other instance can have taken this one for gone yet, whatever the database would say. */
    holdsLease: () => renewedAt !== null && millisecondsSince(renewedAt) < LEASE_MS - LEASE_MARGIN_MS,
    async dispose(): Promise<void> {
      clearInterval(timer);
      livingHere.delete(instanceId);
      await beating;
      await prisma.instance.deleteMany({ where: { id: instanceId } });
    },
  };
}

type Moment = { monotonic: number; wall: number };

function moment(): Moment {
  return { monotonic: performance.now(), wall: Date.now() };
}

/** The one clock stands while the machine sleeps, the other one can be set: the later one counts. */
function millisecondsSince({ monotonic, wall }: Moment): number {
  return Math.max(performance.now() - monotonic, Date.now() - wall);
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
