import { startPostgres } from './postgres.ts';
import { startRedis } from './redis.ts';
import { provideService, type Service } from './service.ts';

/** Every service that the tests need, by the variable that names it. */
const SERVICES: Record<string, () => Promise<Service>> = {
  TEST_DATABASE_URL: startPostgres,
  TEST_REDIS_URL: startRedis,
};

export type Provision = {
  /** Variables for whoever runs the tests. */
  environment: Record<string, string>;
  stop(): Promise<void>;
};

export async function provisionServices(): Promise<Provision> {
  const names = Object.keys(SERVICES);
  const results = await Promise.allSettled(
    Object.entries(SERVICES).map(([variable, start]) => provideService(variable, start)),
  );
  const started = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const stop = async () => {
    await Promise.allSettled(started.map((service) => service.stop()));
  };
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as Error] : []));
  if (failures.length > 0) {
    await stop();
    throw new Error(failures.map((failure) => failure.message).join('\n'));
  }
  return { environment: Object.fromEntries(started.map((service, index) => [names[index], service.url])), stop };
}
