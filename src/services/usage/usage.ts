import type { PrismaClient } from '../../generated/prisma/client.ts';
import { batched } from '../../util/batched.ts';
import { once } from '../../util/once.ts';

export type UsageDependencies = { prisma: PrismaClient; now: () => Date };

export type Tokens = { turns: number; promptTokens: number; completionTokens: number };
/** `day` as YYYY-MM-DD, in UTC. */
export type DayUsage = Tokens & { day: string };
/** Null: none of its turns has said anything. */
export type ModelUsage = Tokens & { model: string; meanFirstTokenMs: number | null };

export type Usage = ReturnType<typeof createUsage>;
export type UserUsage = ReturnType<Usage['of']>;

/** Those that were used most. */
const MAX_MODELS = 200;

const TOKENS = `
  coalesce(sum(turns), 0)::float8 AS turns,
  coalesce(sum(prompt_tokens), 0)::float8 AS "promptTokens",
  coalesce(sum(completion_tokens), 0)::float8 AS "completionTokens"`;

const TOTAL = `SELECT ${TOKENS} FROM usage_days WHERE user_id = $1::uuid`;

const BY_DAY = `
SELECT to_char(days.day, 'YYYY-MM-DD') AS day, ${TOKENS}
FROM generate_series($2::date - ($3::int - 1), $2::date, interval '1 day') AS days (day)
  LEFT JOIN usage_days ON usage_days.user_id = $1::uuid AND usage_days.day = days.day::date
GROUP BY days.day ORDER BY days.day`;

const BY_MODEL = `
SELECT model, ${TOKENS},
  (sum(first_token_ms_sum) / nullif(sum(first_token_count), 0))::float8 AS "meanFirstTokenMs"
FROM usage_days WHERE user_id = $1::uuid
GROUP BY model ORDER BY turns DESC, model LIMIT ${MAX_MODELS}`;

const MESSAGES = `
SELECT coalesce(sum(message_count), 0)::float8 AS messages FROM conversations WHERE user_id = $1::uuid`;

const FILES = `
SELECT count(*)::float8 AS count, coalesce(sum(size), 0)::float8 AS bytes FROM files WHERE user_id = $1::uuid`;

const TODAY = `
SELECT user_id AS "userId", sum(prompt_tokens + completion_tokens)::float8 AS tokens
FROM usage_days WHERE user_id = ANY($1::uuid[]) AND day = $2::date
GROUP BY user_id`;

/** What users have, and what their turns that have ended have taken. Nothing here reads messages, however many there are. */
export function createUsage({ prisma, now }: UsageDependencies) {
  const today = () => now().toISOString().slice(0, 10);

  const readToday = batched(async (userIds: string[]) => {
    const rows = await prisma.$queryRawUnsafe<{ userId: string; tokens: number }[]>(TODAY, userIds, today());
    return new Map(rows.map(({ userId, tokens }) => [userId, tokens]));
  });

  /**
   * Tokens of the turns that have ended since midnight, UTC: what TOKENS_PER_DAY is held against. Asked for many at a
   * time, it is one statement.
   */
  async function tokensToday(userId: string): Promise<number> {
    return (await readToday(userId)) ?? 0;
  }

  /** The row of a statement that has one in any case. */
  async function only<Row>(sql: string, ...values: string[]): Promise<Row> {
    const [row] = await prisma.$queryRawUnsafe<Row[]>(sql, ...values);
    if (!row) throw new Error('A sum has no row.');
    return row;
  }

  /** Each figure is looked up when it is asked for, and once. */
  function of(userId: string) {
    return {
      conversations: once(() => prisma.conversation.count({ where: { userId } })),
      messages: once(async () => (await only<{ messages: number }>(MESSAGES, userId)).messages),
      files: once(() => only<{ count: number; bytes: number }>(FILES, userId)),
      total: once(() => only<Tokens>(TOTAL, userId)),
      /** So many days up to today, in their order, those without a turn too. */
      byDay: (days: number) => prisma.$queryRawUnsafe<DayUsage[]>(BY_DAY, userId, today(), days),
      /** Most used first. */
      byModel: () => prisma.$queryRawUnsafe<ModelUsage[]>(BY_MODEL, userId),
    };
  }

  return { tokensToday, of };
}
