import type { PrismaClient } from '../../generated/prisma/client.ts';
import { batched } from '../../util/batched.ts';

export type TokensTodayDependencies = { prisma: PrismaClient; now: () => Date };

type Row = { userId: string; tokens: number };

/** What the answers of a day have used. Of conversations that had nothing in it, the index leaves the messages out. */
const READ = `
SELECT conversations.user_id AS "userId",
  sum(coalesce(messages.prompt_tokens, 0) + coalesce(messages.completion_tokens, 0))::float8 AS tokens
FROM conversations JOIN messages ON messages.conversation_id = conversations.id
WHERE conversations.user_id = ANY($1::uuid[]) AND conversations.active_at >= $2::timestamptz
  AND messages.role = 'ASSISTANT' AND messages.created_at >= $2::timestamptz
GROUP BY conversations.user_id`;

/** The tokens that an owner has used since midnight, UTC. Asked for many at a time, it is one statement. */
export function createTokensToday({ prisma, now }: TokensTodayDependencies): (userId: string) => Promise<number> {
  const read = batched(async (userIds: string[]) => {
    const midnight = new Date(now());
    midnight.setUTCHours(0, 0, 0, 0);
    const rows = await prisma.$queryRawUnsafe<Row[]>(READ, userIds, midnight);
    return new Map(rows.map(({ userId, tokens }) => [userId, tokens]));
  });
  return async (userId) => (await read(userId)) ?? 0;
}
