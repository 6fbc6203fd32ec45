import type { TestServer } from '../support/server.ts';

/** Writes conversations of somebody into the database, the newest now and each so many minutes older than the one before. */
export async function seedConversations(
  server: TestServer,
  username: string,
  { count, minutesApart, titles = 'Of things' }: { count: number; minutesApart: number; titles?: string },
): Promise<void> {
  await server.app.database.sql.query(
    `INSERT INTO conversations (id, user_id, title, auto_title, active_at)
     SELECT gen_random_uuid(), users.id, $2 || ' ' || number, false,
            now() - number * make_interval(mins => $4::int)
     FROM users, generate_series(1, $3::int) AS number WHERE users.username = $1`,
    [username, titles, count, minutesApart],
  );
}

/** The titles of what somebody has, as the server knows it. */
export async function titlesOf(server: TestServer, username: string): Promise<string[]> {
  const rows = await server.app.database.sql.query<{ title: string }>(
    'SELECT title FROM conversations JOIN users ON users.id = user_id WHERE username = $1 ORDER BY active_at DESC',
    [username],
  );
  return rows.map(({ title }) => title);
}
