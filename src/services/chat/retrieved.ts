import { z } from 'zod';
import type { Message, PrismaClient } from '../../generated/prisma/client.ts';
import type { Citation, Retrieved } from '../../ports/event-log.ts';

const rank = z.number().int().nullable();

/** As it was written: whatever else stands in the column is no list of citations. */
const storedCitations: z.ZodType<Citation[]> = z.array(
  z.object({
    index: z.number().int(),
    passage: z.object({
      fileId: z.uuid(),
      fileName: z.string(),
      text: z.string(),
      page: rank,
      start: z.number().int(),
      end: z.number().int(),
      score: z.number(),
      denseRank: rank,
      lexicalRank: rank,
      rerankScore: z.number().nullable(),
    }),
  }),
);

/** What an answer was made from, as its message has it. */
export function citationsOf({ citations }: Pick<Message, 'citations'>): Citation[] {
  if (citations === null) return [];
  const parsed = storedCitations.safeParse(citations);
  return parsed.success ? parsed.data : [];
}

export function retrievedOf(message: Pick<Message, 'citations' | 'degraded'>): Retrieved {
  return { citations: citationsOf(message), degraded: message.degraded };
}

/** Whether there is anything to be stored. */
export function isSomething({ citations, degraded }: Retrieved): boolean {
  return citations.length > 0 || degraded !== null;
}

/** For the column. Null: nothing. */
export function citationsJson({ citations }: Retrieved): string | null {
  return citations.length > 0 ? JSON.stringify(citations) : null;
}

/** With the position: a watcher on another instance waits until it is reached. */
const STORE_RETRIEVED = `
WITH reached AS (
  UPDATE turns SET cursor = greatest(cursor, 2) WHERE id = $1::uuid AND status = 'GENERATING'
  RETURNING assistant_message_id
)
UPDATE messages SET citations = $2::jsonb, degraded = $3
FROM reached WHERE messages.id = reached.assistant_message_id`;

/** Before any watcher is told, so that what is told once is told for ever. */
export async function storeRetrieved(prisma: PrismaClient, turnId: string, retrieved: Retrieved): Promise<void> {
  await prisma.$executeRawUnsafe(STORE_RETRIEVED, turnId, citationsJson(retrieved), retrieved.degraded);
}
