-- DropIndex
DROP INDEX "turns_status_idx";

-- CreateTable
CREATE TABLE "usage_days" (
    "user_id" UUID NOT NULL,
    "day" DATE NOT NULL,
    "model" TEXT NOT NULL,
    "turns" INTEGER NOT NULL,
    "prompt_tokens" BIGINT NOT NULL,
    "completion_tokens" BIGINT NOT NULL,
    "first_token_ms_sum" BIGINT NOT NULL,
    "first_token_count" INTEGER NOT NULL,

    CONSTRAINT "usage_days_pkey" PRIMARY KEY ("user_id","day","model")
);

-- CreateIndex
CREATE INDEX "turns_status_user_id_idx" ON "turns"("status", "user_id");

-- AddForeignKey
ALTER TABLE "usage_days" ADD CONSTRAINT "usage_days_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- The turns that have ended so far. Those that no model has answered, and cached answers, cost nothing.
INSERT INTO "usage_days"
SELECT "turns"."user_id", (coalesce("turns"."finished_at", "turns"."created_at") AT TIME ZONE 'UTC')::date,
  "turns"."model", count(*),
  coalesce(sum("prompt_tokens") FILTER (WHERE NOT "messages"."cached" AND ("messages"."status" = 'COMPLETE' OR "completion_tokens" > 0)), 0),
  coalesce(sum("completion_tokens") FILTER (WHERE NOT "messages"."cached"), 0),
  coalesce(sum("first_token_ms") FILTER (WHERE NOT "messages"."cached"), 0),
  count("first_token_ms") FILTER (WHERE NOT "messages"."cached")
FROM "turns" JOIN "messages" ON "messages"."id" = "turns"."assistant_message_id"
WHERE "turns"."status" <> 'GENERATING'
GROUP BY 1, 2, 3;

-- Why a user may not begin another turn now: 'tokens', 'turns', or null: he may. 0: no limit. Whoever is allowed holds the
-- lock until his turn is stored, and each statement in here sees what was stored before it: those that come at once see
-- each other, which they would not within one statement.
CREATE FUNCTION "turn_refusal"("asking" UUID, "most_turns" INTEGER, "most_tokens" BIGINT, "today" DATE) RETURNS TEXT
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF most_tokens > 0 AND most_tokens <= (
    SELECT coalesce(sum(prompt_tokens + completion_tokens), 0) FROM usage_days WHERE user_id = asking AND day = today
  ) THEN
    RETURN 'tokens';
  END IF;
  IF most_turns > 0 THEN
    PERFORM pg_advisory_xact_lock(72707371, hashtext(asking::text));
    IF most_turns <= (SELECT count(*) FROM turns WHERE user_id = asking AND status = 'GENERATING') THEN
      RETURN 'turns';
    END IF;
  END IF;
  RETURN NULL;
END
$$;
