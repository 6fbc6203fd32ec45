/**
 * What pg-boss does not offer, on its table of jobs. Its states, in order: created, retry, active, completed, cancelled,
 * failed. `retry_count` counts up when a job that has `started_on` is fetched, and names the attempt.
 */
export function bossStatements(schema: string) {
  const job = `${schema}.job`;
  return {
    /** Which of the queues $1 have a job that may begin. */
    due: `
SELECT name FROM unnest($1::text[]) AS queue(name)
WHERE EXISTS (
  SELECT FROM ${job} WHERE job.name = queue.name AND job.state < 'active' AND NOT job.blocked AND job.start_after <= now()
)`,

    /** Gives attempt $3 of job $2 back: as if it had not been fetched. */
    giveBack: `
UPDATE ${job} SET
  state = (CASE WHEN retry_count > 0 THEN 'retry' ELSE 'created' END)::${schema}.job_state,
  started_on = NULL, heartbeat_on = NULL, start_after = now()
WHERE name = $1 AND id = $2::uuid AND retry_count = $3 AND state = 'active'`,

    /** Where another job waits for the same key. */
    drop: `DELETE FROM ${job} WHERE name = $1 AND id = $2::uuid AND retry_count = $3 AND state = 'active'`,

    /** Ends attempt $3 of job $2 without another one. */
    giveUp: `
UPDATE ${job} SET state = 'failed', completed_on = now(), heartbeat_on = NULL, output = $4::jsonb
WHERE name = $1 AND id = $2::uuid AND retry_count = $3 AND state = 'active'`,

    /** Jobs of workers that are silent may begin again at once. One whose last attempt it was is failed by pg-boss. */
    reviveSilent: revive(job, `heartbeat_on + heartbeat_seconds * interval '1s' < now() AND retry_count < retry_limit`),

    /** The same for all of them, where no other process can be working. */
    reviveAll: revive(job, 'retry_count < retry_limit'),

    /** And those of them that have no further attempt. */
    failAll: `
UPDATE ${job} SET state = 'failed', completed_on = now(), heartbeat_on = NULL
WHERE name = ANY($1::text[]) AND state = 'active'`,

    pending: `
SELECT DISTINCT singleton_key AS key FROM ${job}
WHERE name = $1 AND singleton_key = ANY($2::text[]) AND state <= 'active'`,

    stats: `
SELECT count(*) FILTER (WHERE state < 'active')::int AS queued,
  count(*) FILTER (WHERE state = 'active')::int AS active,
  count(*) FILTER (WHERE state = 'completed')::int AS completed,
  count(*) FILTER (WHERE state = 'failed')::int AS failed,
  coalesce(sum(retry_count), 0)::int AS retried,
  avg(extract(epoch FROM completed_on - started_on)) FILTER (WHERE state = 'completed')::float8 AS "meanSeconds"
FROM ${job} WHERE name = $1`,
  };
}

/** One whose key waits for another attempt already is that one: a key has one job in each state. */
function revive(job: string, condition: string): string {
  const lost = `lost.name = ANY($1::text[]) AND lost.state = 'active' AND ${condition}`;
  const waits = `EXISTS (
    SELECT FROM ${job} waiting
    WHERE waiting.name = lost.name AND waiting.state = 'retry' AND waiting.singleton_key = lost.singleton_key
  )`;
  return `
WITH dropped AS (DELETE FROM ${job} lost WHERE ${lost} AND ${waits})
UPDATE ${job} lost SET state = 'retry', start_after = now(), heartbeat_on = NULL WHERE ${lost} AND NOT ${waits}`;
}
