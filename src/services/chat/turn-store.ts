import type { PrismaClient } from '../../generated/prisma/client.ts';
import type { FinalStatus, FinishReason, Retrieved, TurnFailure, TurnText, TurnUsage } from '../../ports/event-log.ts';
import type { Lineage } from '../../util/message-path.ts';
import { searchableScopes } from '../../util/search-scope.ts';
import { citationsJson } from './retrieved.ts';
import { UNTITLED } from './title.ts';
import { addUsage, costOf } from './turn-usage.ts';

/** What one new turn writes. `conversation` is null when the conversation is there already. */
export type NewTurn = {
  turnId: string;
  key: string;
  userId: string;
  conversationId: string;
  isNewConversation: boolean;
  title: string;
  /** False for a title that a person has given. */
  autoTitle: boolean;
  /** Of a new conversation. One that is there has its own. */
  systemPromptId: string | null;
  branchId: string;
  /** Of a branch that this turn begins; null: it goes on in one that is there. */
  newLineage: Lineage | null;
  /** Null: the user message is there already (regenerate). */
  userMessage: { parentId: string | null; depth: number; text: string } | null;
  userMessageId: string;
  assistantMessageId: string;
  assistantDepth: number;
  model: string;
  instanceId: string;
  /** Its number in the journal of that instance. */
  journalKey: number;
  /** Whether the scopes that may be searched are asked for. */
  readScopes: boolean;
  limits: TurnLimits;
  now: Date;
};

/** What one user may have. 0: as much as he likes. */
export type TurnLimits = {
  /** Turns that run at once, on all instances. */
  turns: number;
  /** Tokens of the turns that have ended since midnight, UTC. Those of running ones are not known yet. */
  tokens: number;
};

/**
 * Everything in one statement: one round trip, and all or nothing. The unique indexes decide between writers: (user,
 * key) for a turn sent twice, (branch, depth) for two messages at one place. Beside it, where the answer may be
 * looked up, which version of the model there is now, and what the system prompt says now, that of the API key where
 * the conversation has none: the revision that the answer records is the text that the model is told. Nothing is
 * written before the limits have allowed it: their lock is the first that is taken, and whoever holds it has to wait for
 * nobody who waits for it.
 */
const START_TURN = `
WITH judged AS MATERIALIZED (
  SELECT CASE WHEN $22::int > 0 OR $23::bigint > 0 THEN
    turn_refusal($2::uuid, $22::int, $23::bigint, ${dayOf('$6')})
  END AS refusal
), allowed AS MATERIALIZED (
  SELECT FROM judged WHERE refusal IS NULL
), prompt AS (
  SELECT revisions.prompt_id, revisions.revision, revisions.text
  FROM system_prompts JOIN system_prompt_revisions AS revisions
    ON revisions.prompt_id = system_prompts.id AND revisions.revision = system_prompts.revision
  WHERE system_prompts.id = coalesce(
    CASE WHEN $7::boolean THEN $21::uuid ELSE (SELECT system_prompt_id FROM conversations WHERE id = $1::uuid) END,
    (SELECT system_prompt_id FROM api_keys WHERE user_id = $2::uuid))
), new_conversation AS (
  INSERT INTO conversations (id, user_id, title, auto_title, model, system_prompt_id, message_count, leaf_id, active_at,
    created_at, updated_at)
  SELECT $1::uuid, $2::uuid, $3, $18::boolean, $4, $21::uuid, 2, $5::uuid, $6::timestamptz, $6::timestamptz,
    $6::timestamptz
  FROM allowed WHERE $7::boolean
), new_branch AS (
  INSERT INTO branches (id, conversation_id, lineage)
  SELECT $8::uuid, $1::uuid, $9::jsonb FROM allowed WHERE $9::jsonb IS NOT NULL
), question AS (
  INSERT INTO messages (id, conversation_id, parent_id, branch_id, depth, role, status, content, created_at)
  SELECT $10::uuid, $1::uuid, $11::uuid, $8::uuid, $12::int, 'USER', 'COMPLETE', $13::text, $6::timestamptz
  FROM allowed WHERE $13::text IS NOT NULL
), answer AS (
  INSERT INTO messages (id, conversation_id, parent_id, branch_id, depth, role, status, content, model, model_version,
    system_prompt_id, system_prompt_revision, created_at)
  SELECT $5::uuid, $1::uuid, $10::uuid, $8::uuid, $14::int, 'ASSISTANT', 'GENERATING', '', $4, ${currentVersion('$4')},
    (SELECT prompt_id FROM prompt), (SELECT revision FROM prompt), $6::timestamptz
  FROM allowed
  RETURNING model_version
), turn AS (
  INSERT INTO turns (id, user_id, key, conversation_id, user_message_id, assistant_message_id, regenerated, model,
    instance_id, journal_key, cursor, created_at)
  SELECT $15::uuid, $2::uuid, $16::uuid, $1::uuid, $10::uuid, $5::uuid, $13::text IS NULL, $4, $17::uuid, $20::int, 0,
    $6::timestamptz
  FROM allowed
), conversation AS (
  UPDATE conversations SET
    leaf_id = $5::uuid,
    message_count = message_count + CASE WHEN $13::text IS NULL THEN 1 ELSE 2 END,
    title = CASE WHEN $13::text IS NOT NULL AND auto_title AND (message_count = 0 OR title = $24::text) THEN $3
      ELSE title END,
    model = $4, active_at = $6::timestamptz, updated_at = $6::timestamptz
  FROM allowed WHERE id = $1::uuid AND NOT $7::boolean
)
SELECT judged.refusal, CASE WHEN $19::boolean THEN (
  SELECT string_agg(searchable.id::text, ',') FROM (${searchableScopes('$2')}) AS searchable
) END AS scopes, model_version AS "modelVersion", (SELECT text FROM prompt) AS "systemPrompt"
FROM judged LEFT JOIN answer ON true`;

/** The limit that another turn would pass. */
export type TurnRefusal = keyof TurnLimits;

type BegunRow = {
  refusal: TurnRefusal | null;
  scopes: string | null;
  modelVersion: string | null;
  systemPrompt: string | null;
};

export type BegunTurn = {
  /** The tag of the model that is current. */
  modelVersion: string | null;
  /** What the prompt of the conversation, or of its API key, says. Null: it has none. */
  systemPrompt: string | null;
  /** In which this user may find something: none if not asked for. */
  scopeIds: string[];
};

/** Nothing is stored of a turn that is refused. */
export async function insertTurn(prisma: PrismaClient, turn: NewTurn): Promise<BegunTurn | TurnRefusal> {
  const [row] = await prisma.$queryRawUnsafe<BegunRow[]>(
    START_TURN,
    turn.conversationId,
    turn.userId,
    turn.title,
    turn.model,
    turn.assistantMessageId,
    turn.now,
    turn.isNewConversation,
    turn.branchId,
    turn.newLineage && JSON.stringify(turn.newLineage),
    turn.userMessageId,
    turn.userMessage?.parentId ?? null,
    turn.userMessage?.depth ?? 0,
    turn.userMessage?.text ?? null,
    turn.assistantDepth,
    turn.turnId,
    turn.key,
    turn.instanceId,
    turn.autoTitle,
    turn.readScopes,
    turn.journalKey,
    turn.systemPromptId,
    turn.limits.turns,
    turn.limits.tokens,
    UNTITLED,
  );
  if (row?.refusal) return row.refusal;
  return {
    modelVersion: row?.modelVersion ?? null,
    systemPrompt: row?.systemPrompt ?? null,
    scopeIds: row?.scopes?.split(',') ?? [],
  };
}

/** The tag of the version of a model that is current now; null: nobody has put one down. */
export async function readVersion(prisma: PrismaClient, model: string): Promise<string | null> {
  const sql = `SELECT ${currentVersion('$1::text')} AS tag`;
  const [row] = await prisma.$queryRawUnsafe<{ tag: string | null }[]>(sql, model);
  return row?.tag ?? null;
}

export type TurnEnd = {
  status: FinalStatus;
  finishReason: FinishReason;
  usage: TurnUsage;
  error: TurnFailure | null;
  /** What it was made from, where that could not be stored before. */
  unstored?: Retrieved | undefined;
  /** The model that answered in place of the one that was asked for. */
  model?: string | undefined;
  /** What its prompt has made the conversation's title, which is not to stand. */
  withdrawnTitle?: string | undefined;
};

const FINISH_TURN = `
WITH ended AS (
  UPDATE turns SET status = $2::message_status, cursor = $3::int, cached = $4, finished_at = $5::timestamptz,
    model = coalesce($19, model), partial_content = '', partial_reasoning = '', partial_segments = '{}'
  WHERE id = $1::uuid AND status = 'GENERATING'
  RETURNING user_id, model AS answered_by, assistant_message_id, conversation_id
), usage AS (${addUsage(`
  SELECT user_id, ${dayOf('$5')}, answered_by, 1, $20::bigint, $21::bigint, coalesce($22::int, 0), num_nonnulls($22::int)
  FROM ended`)}
), answer AS (
  UPDATE messages SET status = $2::message_status, content = $6, reasoning = $7, segments = $8::int[],
    finish_reason = $9::finish_reason, prompt_tokens = $10::int, completion_tokens = $11::int,
    first_token_ms = $12::int, duration_ms = $13::int, cached = $4, error_code = $14, error_message = $15,
    error_retryable = $16::boolean, citations = coalesce($17::jsonb, citations), degraded = coalesce($18, degraded),
    model = coalesce($19, model),
    model_version = CASE WHEN $19::text IS NULL THEN model_version ELSE ${currentVersion('$19::text')} END
  FROM ended WHERE messages.id = ended.assistant_message_id
)
UPDATE conversations SET active_at = $5::timestamptz, updated_at = $5::timestamptz,
  title = CASE WHEN auto_title AND title = $23::text THEN $24 ELSE title END
FROM ended WHERE conversations.id = ended.conversation_id`;

/**
 * Ends a turn, once: of all who try, the first one's end stands. `cursor` is that of the terminal event. Returns
 * whether this was the first.
 */
export async function finishTurn(
  prisma: PrismaClient,
  turnId: string,
  text: TurnText,
  end: TurnEnd,
  now: Date,
): Promise<boolean> {
  const cost = costOf(end);
  const updated = await prisma.$executeRawUnsafe(
    FINISH_TURN,
    turnId,
    end.status,
    text.cursor + 1,
    end.usage.cached,
    now,
    text.content,
    text.reasoning === '' ? null : text.reasoning,
    storedSegments(text.segments),
    end.finishReason,
    end.usage.promptTokens,
    end.usage.completionTokens,
    end.usage.firstTokenMs,
    end.usage.durationMs,
    end.error?.code ?? null,
    end.error?.message ?? null,
    end.error?.retryable ?? null,
    end.unstored ? citationsJson(end.unstored) : null,
    end.unstored?.degraded ?? null,
    end.model ?? null,
    cost.promptTokens,
    cost.completionTokens,
    cost.firstTokenMs,
    end.withdrawnTitle ?? null,
    UNTITLED,
  );
  return updated > 0;
}

const CHECKPOINT = `
WITH stored AS (
  UPDATE turns SET partial_content = now.content, partial_reasoning = now.reasoning,
    partial_segments = now.segments::int[], cursor = now.cursor
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::int[]) AS now (id, content, reasoning, segments, cursor)
  WHERE turns.id = now.id AND turns.status = 'GENERATING'
)
SELECT id FROM turns WHERE id = ANY($6::uuid[]) AND stop_requested AND status = 'GENERATING'`;

/**
 * Stores what there is of many answers, in one statement. Returns those of `running` whose end has been asked for on
 * another instance.
 */
export async function storeCheckpoints(
  prisma: PrismaClient,
  texts: Map<string, TurnText>,
  running: string[],
): Promise<string[]> {
  const values = [...texts.values()];
  const rows = await prisma.$queryRawUnsafe<{ id: string }[]>(
    CHECKPOINT,
    [...texts.keys()],
    values.map((text) => text.content),
    values.map((text) => text.reasoning),
    values.map((text) => intArray(text.segments)),
    values.map((text) => text.cursor),
    running,
  );
  return rows.map(({ id }) => id);
}

const INTERRUPT = `
WITH found AS (
  SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::int[])
    AS given (id, content, reasoning, segments, cursor)
), ended AS (
  UPDATE turns SET status = 'INTERRUPTED', cursor = found.cursor, finished_at = $6::timestamptz,
    partial_content = '', partial_reasoning = '', partial_segments = '{}'
  FROM found
  WHERE turns.id = found.id AND turns.status = 'GENERATING'
    AND NOT EXISTS (SELECT FROM instances WHERE instances.id = turns.instance_id)
  RETURNING turns.id, turns.user_id, turns.model, turns.conversation_id, turns.assistant_message_id, turns.created_at,
    found.content, found.reasoning, found.segments,
    ceil((length(found.content) + length(found.reasoning)) / 4.0)::int AS completion_tokens
), usage AS (${addUsage(`
  SELECT user_id, ${dayOf('$6')}, model, count(*), 0, sum(completion_tokens), 0, 0
  FROM ended GROUP BY user_id, model ORDER BY user_id, model`)}
), answer AS (
  UPDATE messages SET status = 'INTERRUPTED', finish_reason = 'ERROR', content = ended.content,
    reasoning = nullif(ended.reasoning, ''), segments = ended.segments::int[],
    prompt_tokens = 0, completion_tokens = ended.completion_tokens,
    duration_ms = greatest(0, least(extract(epoch FROM $6::timestamptz - ended.created_at) * 1000, 2147483647))::int,
    error_code = $7, error_message = $8, error_retryable = true
  FROM ended WHERE messages.id = ended.assistant_message_id
), conversation AS (
  UPDATE conversations SET active_at = $6::timestamptz, updated_at = $6::timestamptz
  FROM ended WHERE conversations.id = ended.conversation_id
)
SELECT id, user_id AS "userId", conversation_id AS "conversationId" FROM ended`;

export type InterruptedTurn = { id: string; userId: string; conversationId: string };

/**
 * Ends turns whose instance is gone with the text that is known of them. Returns those that this call has ended: neither
 * one that has ended meanwhile nor one whose instance lives after all is touched.
 */
export function interruptTurns(
  prisma: PrismaClient,
  texts: Map<string, TurnText>,
  error: TurnFailure,
  now: Date,
): Promise<InterruptedTurn[]> {
  const values = [...texts.values()];
  return prisma.$queryRawUnsafe<InterruptedTurn[]>(
    INTERRUPT,
    [...texts.keys()],
    values.map(({ content }) => content),
    values.map(({ reasoning }) => reasoning),
    values.map(({ segments }) => storedSegments(segments)),
    // That of the terminal event.
    values.map(({ cursor }) => Math.max(cursor, 2) + 1),
    now,
    error.code,
    error.message,
  );
}

/** The usual order, reasoning then answer, needs no list. */
function storedSegments(segments: number[]): string {
  return intArray(segments.length <= 2 ? [] : segments);
}

/** An array literal: the columns of `unnest` cannot be arrays of different lengths themselves. */
function intArray(numbers: number[]): string {
  return `{${numbers.join(',')}}`;
}

/** The day, in UTC, of the SQL of a time. */
function dayOf(time: string): string {
  return `(${time}::timestamptz AT TIME ZONE 'UTC')::date`;
}

/** The tag of the version of a model that is current now. `model` is the SQL of its full id. */
function currentVersion(model: string): string {
  return `(
    SELECT version_tag FROM model_versions
    WHERE provider = split_part(${model}, '/', 1) AND model_name = substr(${model}, strpos(${model}, '/') + 1)
    ORDER BY created_at DESC, id DESC LIMIT 1
  )`;
}
