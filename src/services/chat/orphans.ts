import type { PrismaClient } from '../../generated/prisma/client.ts';
import type { Bus } from '../../ports/bus.ts';
import type { TurnText } from '../../ports/event-log.ts';
import type { Journal, JournalPart } from '../../ports/journal.ts';
import { TurnLog } from '../../util/turn-log.ts';
import { INTERRUPTION } from './run-turn.ts';
import { interruptTurns } from './turn-store.ts';

export type OrphansDependencies = {
  prisma: PrismaClient;
  journal: Journal | null;
  bus: Bus;
  now: () => Date;
  logError: (error: unknown) => void;
  /** Called with the turns that were closed for a server that is gone. */
  onInterrupted: (turnIds: string[]) => void;
};

/** The checkpoint of a turn whose instance is gone. */
type Orphan = {
  id: string;
  instanceId: string;
  journalKey: number;
  content: string;
  reasoning: string;
  segments: number[];
};

/** Closed in one statement. */
const AT_ONCE = 100;
/** A journal that cannot be reached is tried again with the next heartbeats, so often; then the checkpoints have to do. */
const PATIENCE = 3;

const FIND = `
SELECT id, instance_id AS "instanceId", journal_key AS "journalKey", partial_content AS content,
  partial_reasoning AS reasoning, partial_segments AS segments
FROM turns
WHERE status = 'GENERATING' AND NOT EXISTS (SELECT FROM instances WHERE instances.id = turns.instance_id)
ORDER BY instance_id, id LIMIT ${AT_ONCE}`;

/**
 * Closes the turns of instances that are gone, with all that is known of their text: the checkpoint, and what their
 * instance wrote down after it. Nobody was shown more than that.
 */
export function createOrphans(deps: OrphansDependencies) {
  const { prisma, journal, bus } = deps;
  const attempts = new Map<string, number>();

  async function close(): Promise<void> {
    const done = new Set<string>();
    for (;;) {
      const orphans = await prisma.$queryRawUnsafe<Orphan[]>(FIND);
      const byInstance = Map.groupBy(orphans, ({ instanceId }) => instanceId);
      let closed = 0;
      for (const [instanceId, turns] of byInstance) {
        const count = await closeThoseOf(instanceId, turns);
        closed += count;
        if (count === turns.length) done.add(instanceId);
        else done.delete(instanceId);
      }
      // Fewer than asked for: there are no others. None closed: they wait for their journal.
      if (orphans.length < AT_ONCE || closed === 0) break;
    }
    // Nobody needs them any more. Of the others some turns may be open still; they go by themselves some time after.
    for (const instanceId of done) await journal?.remove(instanceId).catch(deps.logError);
  }

  /** Returns how many. */
  async function closeThoseOf(instanceId: string, turns: Orphan[]): Promise<number> {
    const parts = await journalOf(instanceId);
    if (!parts) return 0;
    const texts = new Map(turns.map((turn) => [turn.id, wholeText(turn, parts.get(turn.journalKey) ?? [])]));
    const ended = await interruptTurns(prisma, texts, INTERRUPTION, deps.now());
    for (const { userId, conversationId } of ended) bus.publish('conversation-changed', userId, { conversationId });
    if (ended.length > 0) deps.onInterrupted(ended.map(({ id }) => id));
    return ended.length;
  }

  /** Null: not now. */
  async function journalOf(instanceId: string): Promise<Map<number, JournalPart[]> | null> {
    if (!journal) return new Map();
    try {
      const parts = await journal.seal(instanceId);
      attempts.delete(instanceId);
      return Map.groupBy(parts, ({ key }) => key);
    } catch (error) {
      const count = (attempts.get(instanceId) ?? 0) + 1;
      attempts.set(instanceId, count);
      if (count < PATIENCE) return null;
      attempts.delete(instanceId);
      deps.logError(error);
      return new Map();
    }
  }

  return { close };
}

/** The checkpoint, and what follows on it. */
function wholeText(turn: Orphan, parts: JournalPart[]): TurnText {
  const log = TurnLog.fromStored(turn.id, turn, null);
  for (const part of parts) {
    if (part.type !== 'text' && part.type !== 'reasoning') continue;
    const known = log.cursor - part.start;
    // A part that does not follow was lost with what came before it.
    if (known >= 0) log.append(part.type, part.text.slice(known));
  }
  return log.text();
}
