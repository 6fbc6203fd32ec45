import type { Sql } from '../../src/ports/sql.ts';

/** Nobody waits for a backoff: what is to be tried again may begin at once. */
export async function retryAtOnce(sql: Sql): Promise<void> {
  await sql.script(`
    CREATE FUNCTION pgboss.at_once() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.state = 'retry' THEN NEW.start_after := now(); END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER at_once BEFORE INSERT ON pgboss.job_common FOR EACH ROW EXECUTE FUNCTION pgboss.at_once()`);
}

/** Collects; `next(n)` resolves with the first so many once they have come. */
export function collect<Item>() {
  const items: Item[] = [];
  const waiting = new Set<() => void>();
  return {
    items,
    add(item: Item) {
      items.push(item);
      for (const check of [...waiting]) check();
    },
    async next(count: number): Promise<Item[]> {
      await new Promise<void>((resolve) => {
        const check = () => {
          if (items.length < count) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      });
      return items.slice(0, count);
    },
  };
}

/** Asks until it is so; the test's own limit ends it. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve));
}
