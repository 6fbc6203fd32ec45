/** A server that the tests use. */
export type Service = { url: string; stop(): Promise<void> };

/** One that is there already, named by the environment, is left running; otherwise one is started. */
export async function provideService(variable: string, start: () => Promise<Service>): Promise<Service> {
  const given = process.env[variable];
  return given ? { url: given, stop: async () => {} } : start();
}
