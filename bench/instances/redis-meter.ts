import { Redis } from 'ioredis';

/** What a Redis has done, as it counts itself. */
export type RedisReading = { commands: number; bytesIn: number; byCommand: Map<string, number> };

export type RedisMeter = { read(): Promise<RedisReading>; stop(): Promise<void> };

/** Commands of all clients but this one, which is told apart by its own names. */
const OWN = new Set(['info', 'hello', 'client']);

export function openRedisMeter(url: string): RedisMeter {
  const client = new Redis(url);
  return {
    async read() {
      const [statistics, stats] = await Promise.all([client.info('commandstats'), client.info('stats')]);
      const byCommand = new Map<string, number>();
      for (const [, name = '', calls] of statistics.matchAll(/^cmdstat_([^:|]+)[^:]*:calls=(\d+)/gm)) {
        if (!OWN.has(name)) byCommand.set(name, (byCommand.get(name) ?? 0) + Number(calls));
      }
      const bytesIn = Number(/total_net_input_bytes:(\d+)/.exec(stats)?.[1]);
      const commands = [...byCommand.values()].reduce((sum, calls) => sum + calls, 0);
      return { commands, bytesIn, byCommand };
    },
    async stop() {
      client.disconnect();
    },
  };
}
