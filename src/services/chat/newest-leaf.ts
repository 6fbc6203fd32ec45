import type { PrismaClient } from '../../generated/prisma/client.ts';

export type BranchPlace = { id: string; conversationId: string; branchId: string; depth: number };

/** The tips of the message's own branch and of those that left it at or below the message; the newest of them. */
const NEWEST_LEAF = `
SELECT tip.id FROM branches
CROSS JOIN LATERAL (
  SELECT id, depth FROM messages WHERE messages.branch_id = branches.id ORDER BY depth DESC LIMIT 1
) AS tip
WHERE branches.conversation_id = $1::uuid AND (
  branches.id = $2::uuid OR EXISTS (
    SELECT 1 FROM jsonb_to_recordset(branches.lineage) AS step ("branchId" uuid, "to" int)
    WHERE step."branchId" = $2::uuid AND step."to" >= $3::int
  )
)
ORDER BY tip.id DESC LIMIT 1`;

/** The id of the end of the newest branch that goes on from a message, itself where none does. */
export async function newestLeaf(prisma: PrismaClient, message: BranchPlace): Promise<string> {
  const { conversationId, branchId, depth } = message;
  const rows = await prisma.$queryRawUnsafe<{ id: string }[]>(NEWEST_LEAF, conversationId, branchId, depth);
  return rows[0]?.id ?? message.id;
}
