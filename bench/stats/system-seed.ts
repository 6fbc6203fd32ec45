import type { Sql } from '../../src/ports/sql.ts';

const PER_CONVERSATION = 10;
const USERS = 10_000;
const FILES = 20_000;
const AT_ONCE = 100_000;

const id = (kind: string, numbered: string) => `md5('${kind}' || ${numbered})::uuid`;

/** So many messages in conversations of ten, their turns, ten thousand people and twenty thousand files. */
export async function seedSystem(sql: Sql, messages: number): Promise<void> {
  const conversations = Math.ceil(messages / PER_CONVERSATION);
  await sql.query(`INSERT INTO users (id, username, username_key, password_hash, updated_at)
    SELECT ${id('user', 'n')}, 'user ' || n, 'user ' || n, 'x', now() FROM generate_series(1, ${USERS}) AS n`);
  await sql.query(`INSERT INTO conversations (id, user_id, title, message_count)
    SELECT ${id('conversation', 'n')}, ${id('user', `(1 + n % ${USERS})`)}, 'Conversation ' || n, ${PER_CONVERSATION}
    FROM generate_series(1, ${conversations}) AS n`);
  await sql.query(`INSERT INTO branches (id, conversation_id, lineage)
    SELECT id, id, '[]' FROM conversations`);
  await sql.query(`INSERT INTO files (id, user_id, scope_id, name, kind, mime_type, size, sha256, status, chunk_count)
    SELECT ${id('file', 'n')}, ${id('user', `(1 + n % ${USERS})`)}, ${id('user', `(1 + n % ${USERS})`)}, 'file ' || n, 'TEXT',
      'text/plain', 1000, md5('file' || n), 'READY', 20 FROM generate_series(1, ${FILES}) AS n`);
  for (let from = 1; from <= messages; from += AT_ONCE) {
    await seedMessages(sql, from, Math.min(messages, from + AT_ONCE - 1));
  }
  await sql.query('ANALYZE');
}

/** Without the checks of foreign keys, which take most of the time. */
async function seedMessages(sql: Sql, from: number, to: number): Promise<void> {
  const conversation = id('conversation', `(1 + (n - 1) / ${PER_CONVERSATION})`);
  const depth = `(n - 1) % ${PER_CONVERSATION}`;
  await sql.script(`SET session_replication_role = replica;
    INSERT INTO messages (id, conversation_id, parent_id, branch_id, depth, role, status, content)
    SELECT ${id('message', 'n')}, ${conversation}, CASE WHEN ${depth} > 0 THEN ${id('message', '(n - 1)')} END,
      ${conversation}, ${depth}, CASE WHEN ${depth} % 2 = 0 THEN 'USER' ELSE 'ASSISTANT' END::message_role, 'COMPLETE',
      repeat('A sentence of a message. ', 8)
    FROM generate_series(${from}, ${to}) AS n;
    INSERT INTO turns (id, user_id, key, conversation_id, user_message_id, assistant_message_id, status, model, instance_id)
    SELECT ${id('turn', 'n')}, ${id('user', '1')}, ${id('turn', 'n')}, ${conversation}, ${id('message', '(n - 1)')},
      ${id('message', 'n')}, 'COMPLETE', 'openai/scripted', ${id('instance', '1')}
    FROM generate_series(${from}, ${to}) AS n WHERE ${depth} % 2 = 1;
    SET session_replication_role = DEFAULT`);
}
