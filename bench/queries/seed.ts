/** Runs statements that have no parameters. */
export type Execute = (sql: string) => Promise<unknown>;

export type Seeded = {
  /** Uuids, known beforehand so that no one has to ask for them. */
  longConversation: string;
};

export const CONVERSATIONS = 20;
const LONG_CONVERSATION = '00000000-0000-4000-8000-00000000feed';

/** About as long as a paragraph; answers are longer than questions. */
const CONTENT = `CASE WHEN depth % 2 = 0 THEN 'Question number ' || depth || ': what is known about it?'
  ELSE repeat('An answer has a few sentences, and this is one of them. ', 8) END`;

/**
 * Gives a user 20 conversations with so many messages together, and one more that is archived and has as many by
 * itself. The columns are those of the migrations; everything that has a default keeps it.
 */
export async function seed(execute: Execute, userId: string, messages: number): Promise<Seeded> {
  const lengths = Array.from({ length: CONVERSATIONS }, () => messages / CONVERSATIONS);
  for (const [index, length] of lengths.entries()) {
    const id = `00000000-0000-4000-8000-${String(index + 1).padStart(12, '0')}`;
    await seedConversation(execute, { id, userId, messages: length, age: index + 1, title: `Conversation ${index}` });
  }
  await seedConversation(execute, {
    id: LONG_CONVERSATION,
    userId,
    messages,
    // Not among the newest twenty.
    age: CONVERSATIONS + 1,
    title: 'The long one',
  });
  await execute('ANALYZE');
  return { longConversation: LONG_CONVERSATION };
}

export type SeededConversation = { id: string; userId: string; messages: number; age: number; title: string };

export async function seedConversation(execute: Execute, conversation: SeededConversation): Promise<void> {
  const { id, userId, messages, age, title } = conversation;
  // The id of the message at a depth: of the conversation and the depth, so that a parent is found without looking.
  const messageId = (depth: string) => `md5('${id}' || (${depth}))::uuid`;
  const active = `now() - interval '${age} hours'`;
  await execute(`INSERT INTO conversations (id, user_id, title, model, message_count, active_at, created_at, updated_at)
    VALUES ('${id}', '${userId}', '${title}', 'openai/scripted', ${messages}, ${active}, ${active}, ${active})`);
  await execute(`INSERT INTO branches (id, conversation_id, lineage) VALUES ('${id}', '${id}', '[]')`);
  await execute(`INSERT INTO messages (id, conversation_id, parent_id, branch_id, depth, role, status, content, model,
      finish_reason, prompt_tokens, completion_tokens, created_at)
    SELECT ${messageId('depth')}, '${id}', CASE WHEN depth > 0 THEN ${messageId('depth - 1')} END, '${id}', depth,
      CASE WHEN depth % 2 = 0 THEN 'USER' ELSE 'ASSISTANT' END::message_role, 'COMPLETE', ${CONTENT},
      CASE WHEN depth % 2 = 1 THEN 'openai/scripted' END,
      CASE WHEN depth % 2 = 1 THEN 'STOP' END::finish_reason,
      CASE WHEN depth % 2 = 1 THEN 100 END, CASE WHEN depth % 2 = 1 THEN 90 END, ${active}
    FROM generate_series(0, ${messages - 1}) AS depth`);
  await execute(`INSERT INTO turns (id, user_id, key, conversation_id, user_message_id, assistant_message_id, status,
      model, cursor, instance_id, created_at, finished_at)
    SELECT gen_random_uuid(), '${userId}', gen_random_uuid(), '${id}', ${messageId('depth - 1')},
      ${messageId('depth')}, 'COMPLETE', 'openai/scripted', 450, gen_random_uuid(), ${active}, ${active}
    FROM generate_series(1, ${messages - 1}, 2) AS depth`);
  await execute(`UPDATE conversations SET leaf_id = ${messageId(String(messages - 1))} WHERE id = '${id}'`);
}
