import { AppError, badInput, notFound } from '../../errors.ts';
import type { PrismaClient } from '../../generated/prisma/client.ts';
import { type Lineage, type PathRange, pathTo } from '../../util/message-path.ts';

/** Where new messages go: under `parentId`, from `depth` on, in a branch that is there or one that they begin. */
export type TurnPlace = {
  parentId: string | null;
  depth: number;
  branchId: string;
  newLineage: Lineage | null;
  /** From the root to the parent, the parent included. */
  path: PathRange[];
};

type ParentRow = {
  parent_id: string | null;
  branch_id: string | null;
  depth: number | null;
  role: string | null;
  status: string | null;
  lineage: Lineage | null;
  answered: boolean;
  key_known: boolean;
};

/** The conversation's owner is in the condition: another's conversation reads as none. */
const READ_PARENT = `
SELECT parent.id AS parent_id, parent.branch_id, parent.depth, parent.role::text AS role, parent.status::text AS status,
  branches.lineage,
  EXISTS (SELECT 1 FROM messages AS next WHERE next.branch_id = parent.branch_id AND next.depth = parent.depth + 1)
    AS answered,
  EXISTS (SELECT 1 FROM turns WHERE turns.user_id = $2::uuid AND turns.key = $5::uuid) AS key_known
FROM conversations
LEFT JOIN messages AS parent
  ON parent.id = coalesce($3::uuid, conversations.leaf_id) AND parent.conversation_id = conversations.id AND NOT $4::boolean
LEFT JOIN branches ON branches.id = parent.branch_id
WHERE conversations.id = $1::uuid AND conversations.user_id = $2::uuid`;

export type PlaceRequest = {
  userId: string;
  conversationId: string;
  /** Null: the newest message. The conversation's own id: its root, so that the first prompt gets a sibling. */
  parentId: string | null;
  turnKey: string;
};

/**
 * Finds where a prompt goes; null when the turn with this key is there already. Throws NOT_FOUND for an unknown
 * conversation or message, CONFLICT under an answer that is still being made, BAD_USER_INPUT under a prompt.
 */
export async function placeForPrompt(
  prisma: PrismaClient,
  createId: () => string,
  request: PlaceRequest,
): Promise<TurnPlace | null> {
  const atRoot = request.parentId === request.conversationId;
  const parent = await readParent(prisma, request, atRoot ? null : request.parentId, atRoot);
  if (parent.key_known) return null;
  if (parent.parent_id === null && request.parentId !== null && !atRoot) throw notFound('message');
  if (parent.role === 'USER') {
    throw badInput({
      'input.parentId': 'A prompt follows an answer, not another prompt. Use regenerate to answer one.',
    });
  }
  if (parent.status === 'GENERATING') {
    throw new AppError({
      code: 'CONFLICT',
      message: 'The answer before this prompt is still being written. Wait for it or stop it first.',
      retryable: true,
    });
  }
  return under(parent, createId);
}

/** Finds where another answer to a prompt goes; null when the turn with this key is there already. */
export async function placeForAnswer(
  prisma: PrismaClient,
  createId: () => string,
  request: PlaceRequest & { parentId: string },
): Promise<TurnPlace | null> {
  const parent = await readParent(prisma, request, request.parentId, false);
  if (parent.key_known) return null;
  if (parent.parent_id === null) throw notFound('message');
  return under(parent, createId);
}

async function readParent(prisma: PrismaClient, request: PlaceRequest, parentId: string | null, atRoot: boolean) {
  const { conversationId, userId, turnKey } = request;
  const rows = await prisma.$queryRawUnsafe<ParentRow[]>(
    READ_PARENT,
    conversationId,
    userId,
    parentId,
    atRoot,
    turnKey,
  );
  const row = rows[0];
  if (!row) throw notFound('conversation');
  return row;
}

/** At the root of a conversation. */
export function placeAtRoot(createId: () => string): TurnPlace {
  return { parentId: null, depth: 0, branchId: createId(), newLineage: [], path: [] };
}

function under(parent: ParentRow, createId: () => string): TurnPlace {
  if (parent.parent_id === null || parent.branch_id === null || parent.depth === null) return placeAtRoot(createId);
  const lineage = parent.lineage ?? [];
  const path = pathTo(lineage, parent.branch_id, parent.depth);
  const place = { parentId: parent.parent_id, depth: parent.depth + 1, path };
  if (!parent.answered) return { ...place, branchId: parent.branch_id, newLineage: null };
  const newLineage = [...lineage, { branchId: parent.branch_id, to: parent.depth }];
  return { ...place, branchId: createId(), newLineage };
}
