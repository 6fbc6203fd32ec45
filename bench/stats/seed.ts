import type { Execute } from '../queries/seed.ts';

export type SeedOptions = { userId: string; conversations: number; messagesEach: number };

/** Conversations that one statement fills. */
const AT_ONCE = 500;
const FILES = 2_000;

/**
 * Gives a user so many conversations, with a turn for every two messages, over the last year and of five models. What
 * refers to what is not checked: it is made here.
 */
export async function seedUsage(execute: Execute, options: SeedOptions): Promise<void> {
  const { userId, conversations, messagesEach } = options;
  await execute(`SET session_replication_role = 'replica'`);
  const conversationId = `md5('conversation' || number)::uuid`;
  const messageId = (depth: string) => `md5(number || '-' || (${depth}))::uuid`;
  const time = `now() - interval '365 days' * (number::float8 / ${conversations})`;
  const model = `'openai/model-' || number % 5`;
  for (let first = 0; first < conversations; first += AT_ONCE) {
    const last = Math.min(first + AT_ONCE, conversations) - 1;
    const numbers = `generate_series(${first}, ${last}) AS number`;
    await execute(`INSERT INTO conversations (id, user_id, title, message_count, active_at, created_at, updated_at)
      SELECT ${conversationId}, '${userId}', 'Conversation ' || number, ${messagesEach}, ${time}, ${time}, ${time}
      FROM ${numbers}`);
    await execute(`INSERT INTO branches (id, conversation_id, lineage)
      SELECT ${conversationId}, ${conversationId}, '[]' FROM ${numbers}`);
    await execute(`INSERT INTO messages (id, conversation_id, parent_id, branch_id, depth, role, status, content, model,
        prompt_tokens, completion_tokens, first_token_ms, created_at)
      SELECT ${messageId('depth')}, ${conversationId}, CASE WHEN depth > 0 THEN ${messageId('depth - 1')} END,
        ${conversationId}, depth, CASE WHEN depth % 2 = 0 THEN 'USER' ELSE 'ASSISTANT' END::message_role, 'COMPLETE',
        'A message has a sentence or two, and this is one of them.', CASE WHEN depth % 2 = 1 THEN ${model} END,
        CASE WHEN depth % 2 = 1 THEN 100 END, CASE WHEN depth % 2 = 1 THEN 90 END,
        CASE WHEN depth % 2 = 1 THEN 300 END, ${time}
      FROM ${numbers}, generate_series(0, ${messagesEach - 1}) AS depth`);
    await execute(`INSERT INTO turns (id, user_id, key, conversation_id, user_message_id, assistant_message_id, status,
        model, cursor, instance_id, created_at, finished_at)
      SELECT ${messageId('depth')}, '${userId}', ${messageId('depth')}, ${conversationId}, ${messageId('depth - 1')},
        ${messageId('depth')}, 'COMPLETE', ${model}, 450, gen_random_uuid(), ${time}, ${time}
      FROM ${numbers}, generate_series(1, ${messagesEach - 1}, 2) AS depth`);
  }
  await execute(`INSERT INTO usage_days
    SELECT user_id, (finished_at AT TIME ZONE 'UTC')::date, model, count(*), count(*) * 100, count(*) * 90,
      count(*) * 300, count(*)
    FROM turns WHERE user_id = '${userId}' GROUP BY 1, 2, 3`);
  await execute(`INSERT INTO files (id, user_id, scope_id, name, kind, mime_type, size, sha256, status)
    SELECT gen_random_uuid(), '${userId}', '${userId}', 'file ' || number, 'text', 'text/plain', 1000, md5(number::text),
      'READY'
    FROM generate_series(1, ${FILES}) AS number`);
  await execute(`SET session_replication_role = 'origin'`);
  // As autovacuum does some time after.
  await execute('VACUUM ANALYZE');
}
