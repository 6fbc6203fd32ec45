import { inject } from 'vitest';
import { onServer } from './template.ts';

/** Of the lock that is held meanwhile: any number. */
const LOCK = 7_265_391;

/**
 * Work that writes into the source tree, as builds and `npm pack` do. Test files run at once: one at a time does so, the
 * others wait on the database server, which forgets a lock with the process that held it.
 */
export async function inSourceTree(work: () => Promise<unknown>): Promise<void> {
  await onServer(inject('postgresUrl'), async (client) => {
    await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
    await work();
  });
}
