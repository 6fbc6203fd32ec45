import type { PrismaClient } from '../../generated/prisma/client.ts';
import { createIdAt } from '../../util/ids.ts';
import type { ConversationDocument, MessageDocument } from './export-format.ts';
import { lineagesOf, planTree } from './plan-tree.ts';

export type StoreDependencies = { prisma: PrismaClient; now: () => Date; createId: () => string };

const INSERT_CONVERSATION = `
INSERT INTO conversations (id, user_id, title, auto_title, model, system_prompt_id, pinned, archived_at, message_count,
  active_at, created_at, updated_at, leaf_id)
SELECT $1::uuid, $2::uuid, $3, $4::boolean, $5, (SELECT id FROM system_prompts WHERE id = $6::uuid), $7::boolean,
  $8::timestamptz, $9::int, $10::timestamptz, $11::timestamptz, $12::timestamptz, $13::uuid`;

/** `json`: the SQL of a list of rows. */
const insertBranches = (json: string) => `
INSERT INTO branches (id, conversation_id, lineage)
SELECT id, $1::uuid, lineage FROM jsonb_to_recordset(${json}::jsonb) AS given (id uuid, lineage jsonb)`;

const insertMessages = (json: string) => `
INSERT INTO messages (id, conversation_id, parent_id, branch_id, depth, role, status, content, reasoning, segments, model,
  model_version, system_prompt_id, system_prompt_revision, citations, degraded, finish_reason, prompt_tokens,
  completion_tokens, first_token_ms, duration_ms, cached, error_code, error_message, error_retryable, rating,
  rating_comment, rated_at, created_at)
SELECT id, $1::uuid, parent_id, branch_id, depth, role::message_role, status::message_status, content, reasoning,
  segments, model, model_version, system_prompt_id, system_prompt_revision, citations, degraded,
  finish_reason::finish_reason, prompt_tokens, completion_tokens, first_token_ms, duration_ms, cached, error_code,
  error_message, error_retryable, rating::rating, rating_comment, rated_at, created_at
FROM jsonb_to_recordset(${json}::jsonb) AS given (id uuid, parent_id uuid, branch_id uuid, depth int, role text,
  status text, content text, reasoning text, segments int[], model text, model_version text, system_prompt_id uuid,
  system_prompt_revision int, citations jsonb, degraded text, finish_reason text, prompt_tokens int,
  completion_tokens int, first_token_ms int, duration_ms int, cached boolean, error_code text, error_message text,
  error_retryable boolean, rating text, rating_comment text, rated_at timestamptz, created_at timestamptz)`;

/** Most conversations are small, and go in one statement. */
const INSERT_ALL = `
WITH conversation AS (${INSERT_CONVERSATION}), branches AS (${insertBranches('$14')})
${insertMessages('$15')}`;

const INSERT_BRANCHES = insertBranches('$2');
const INSERT_MESSAGES = insertMessages('$2');
const SET_LEAF = 'UPDATE conversations SET leaf_id = $2::uuid WHERE id = $1::uuid';

/** Of the JSON of one statement. */
const BATCH_CHARACTERS = 2_000_000;
const BATCH_ROWS = 1_000;
/** The largest conversation takes longer than the transactions of others may. */
const LONGEST_MS = 300_000;

/**
 * Stores a conversation whole or not at all. Its messages get ids that sort as they stand in the document, because that
 * is what siblings and newest branches go by; nobody's usage counts them. Throws BAD_USER_INPUT for what is no tree,
 * and what the database throws: a unique violation where the conversation is there already.
 */
export async function storeConversation(
  { prisma, now, createId }: StoreDependencies,
  userId: string,
  id: string,
  document: ConversationDocument,
): Promise<void> {
  const { messages } = document;
  const plan = planTree(messages, document.currentMessageId);
  const latest = now().getTime();
  const past = (date: Date | null, fallback: Date) => clamped(date ?? fallback, latest);
  const createdAt = past(document.createdAt, messages[0]?.createdAt ?? now());
  const activeAt = past(document.activeAt ?? document.updatedAt, messages.at(-1)?.createdAt ?? createdAt);

  const branchIds = plan.branches.map(() => createId());
  const lineages = lineagesOf(plan.branches, branchIds);
  const ids: string[] = [];
  let newest = 0;
  const rows = plan.places.map(({ source, parent, branch, depth }, at) => {
    const message = messages[source] as MessageDocument;
    const written = past(message.createdAt, createdAt);
    newest = Math.max(newest, written.getTime());
    const messageId = createIdAt(newest, at);
    ids.push(messageId);
    const place = {
      id: messageId,
      parent_id: parent === null ? null : ids[parent],
      branch_id: branchIds[branch],
      depth,
    };
    const ratedAt = message.feedback && past(message.feedback.updatedAt, written);
    return { ...place, ...columnsOf(message), rated_at: ratedAt, created_at: written };
  });
  const branches = branchIds.map((branchId, index) => ({ id: branchId, lineage: lineages[index] }));

  const conversation = [
    id,
    userId,
    document.title.trim() || 'Untitled',
    document.autoTitle,
    document.model,
    document.systemPrompt?.id ?? null,
    document.pinned,
    document.archivedAt && past(document.archivedAt, createdAt),
    rows.length,
    activeAt,
    createdAt,
    past(document.updatedAt, activeAt),
  ];
  const leafId = plan.leaf === null ? null : (ids[plan.leaf] ?? null);
  const branchBatches = batches(branches);
  const messageBatches = batches(rows);
  if (branchBatches.length <= 1 && messageBatches.length <= 1) {
    const [some = '[]', others = '[]'] = [branchBatches[0], messageBatches[0]];
    await prisma.$executeRawUnsafe(INSERT_ALL, ...conversation, leafId, some, others);
    return;
  }
  const statements = [
    prisma.$executeRawUnsafe(INSERT_CONVERSATION, ...conversation, null),
    ...branchBatches.map((json) => prisma.$executeRawUnsafe(INSERT_BRANCHES, id, json)),
    ...messageBatches.map((json) => prisma.$executeRawUnsafe(INSERT_MESSAGES, id, json)),
    prisma.$executeRawUnsafe(SET_LEAF, id, leafId),
  ];
  await prisma.$transaction(statements, { timeout: LONGEST_MS });
}

function columnsOf(message: MessageDocument) {
  const { usage, error, feedback, systemPrompt, citations } = message;
  return {
    role: message.role,
    status: message.status,
    content: message.content,
    reasoning: message.reasoning,
    segments: message.segments,
    model: message.model,
    model_version: message.modelVersion,
    system_prompt_id: systemPrompt?.id ?? null,
    system_prompt_revision: systemPrompt?.revision ?? null,
    citations: citations.length > 0 ? citations : null,
    degraded: message.degraded,
    finish_reason: message.finishReason,
    prompt_tokens: usage?.promptTokens ?? null,
    completion_tokens: usage?.completionTokens ?? null,
    first_token_ms: usage?.firstTokenMs ?? null,
    duration_ms: usage?.durationMs ?? null,
    cached: usage?.cached ?? false,
    error_code: error?.code ?? null,
    error_message: error?.message ?? null,
    error_retryable: error?.retryable ?? null,
    rating: feedback?.rating ?? null,
    rating_comment: feedback?.comment ?? null,
  };
}

/** JSON lists of some rows each. */
function batches(rows: object[]): string[] {
  const made: string[] = [];
  let batch: string[] = [];
  let characters = 0;
  for (const row of rows) {
    const json = JSON.stringify(row);
    if (batch.length >= BATCH_ROWS || (batch.length > 0 && characters + json.length > BATCH_CHARACTERS)) {
      made.push(`[${batch.join(',')}]`);
      batch = [];
      characters = 0;
    }
    batch.push(json);
    characters += json.length;
  }
  if (batch.length > 0) made.push(`[${batch.join(',')}]`);
  return made;
}

/** Lists know no time before 1970, and nothing has happened yet of what is to come. */
function clamped(date: Date, latest: number): Date {
  return new Date(Math.min(Math.max(date.getTime(), 0), latest));
}
