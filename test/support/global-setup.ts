import { randomBytes } from 'node:crypto';
import type { TestProject } from 'vitest/node';
import { provisionServices } from './services/provision.ts';
import { createPostgresTemplate, dropTemplate, providePgliteTemplate } from './template.ts';

declare module 'vitest' {
  // biome-ignore lint/style/useConsistentTypeDefinitions: only an interface can be added to.
  export interface ProvidedContext {
    /** File with a migrated embedded database. */
    pgliteTemplate: string;
    /** A PostgreSQL server; the address is a superuser's. */
    postgresUrl: string;
    /** Name of a migrated database on it, to be copied. */
    postgresTemplate: string;
    /** A Redis server that all tests share: each takes a prefix of its own. */
    redisUrl: string;
  }
}

/** Once per run: services (where `npm test` has not started them) and one migrated database of each kind. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const services = await provisionServices();
  const postgresUrl = services.environment.TEST_DATABASE_URL ?? '';
  // A server from the environment may be used by other runs at the same time.
  const postgresTemplate = `colloquy_template_${randomBytes(6).toString('hex')}`;
  const teardown = () => dropTemplate(postgresUrl, postgresTemplate).finally(() => services.stop());
  try {
    const [pgliteTemplate] = await Promise.all([
      providePgliteTemplate(),
      createPostgresTemplate(postgresUrl, postgresTemplate),
    ]);
    project.provide('pgliteTemplate', pgliteTemplate);
    project.provide('postgresUrl', postgresUrl);
    project.provide('postgresTemplate', postgresTemplate);
    project.provide('redisUrl', services.environment.TEST_REDIS_URL ?? '');
    return teardown;
  } catch (error) {
    await teardown();
    throw error;
  }
}
