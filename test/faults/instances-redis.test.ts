import { describe, expect, it, onTestFinished } from 'vitest';
import { seededRandom } from '../support/fault-seed.ts';
import { startRedis, type TestRedis } from '../support/services/redis.ts';
import { checkReceived, followTurn } from '../support/stream-client.ts';
import { lorem } from '../support/stream-plan.ts';
import { chatInput, SEND, STOP } from '../support/turns.ts';
import { paced, startTwoInstances } from '../support/two-instances.ts';

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function start() {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  const plans = { paced: paced(300, 6_000), long: paced(3_000, 90_000), short: paced(5, 50) };
  return { redis, ...(await startTwoInstances({ plans, redisUrl: redis.url })) };
}

const FAULTS: { name: string; fault: (redis: TestRedis) => Promise<void> }[] = [
  { name: 'is killed and starts again, empty', fault: (redis) => redis.restartEmpty() },
  {
    name: 'is away for three seconds',
    fault: async (redis) => {
      await redis.kill();
      await pause(3_000);
      await redis.start();
    },
  },
  {
    name: 'is frozen for three seconds',
    fault: async (redis) => {
      redis.freeze();
      await pause(3_000);
      redis.thaw();
    },
  },
  {
    name: 'loses all its keys again and again',
    fault: async (redis) => {
      for (let round = 0; round < 5; round++) {
        await redis.empty();
        await pause(300);
      }
    },
  },
];

describe('a Redis that fails in the middle of 20 turns', () => {
  it.each(FAULTS)('and $name: every client has the whole answer, on both instances', async ({ fault }) => {
    const random = seededRandom();
    const { redis, servers, token, generations, data, here } = await start();
    const [first, second] = servers;
    const clients = Array.from({ length: 20 }, (_, index) => {
      const [own, other] = index % 2 === 0 ? [first, second] : [second, first];
      const input = chatInput('paced');
      return { input, own: followTurn({ addresses: [own], token }, { input }), other };
    });
    await expect.poll(generations).toBe(20);
    const across = clients.map(({ input, other }) => followTurn({ addresses: [other], token }, { input }));
    await pause(500 + random() * 1_500);
    await fault(redis);
    // Who comes while it is just back is no worse off.
    const late = clients.map(({ input, other }) => followTurn({ addresses: [other], token }, { input }));
    for (const each of await Promise.all([...clients.map(({ own }) => own), ...across, ...late])) {
      const { text, reasoning, last } = checkReceived(each);
      expect(text).toBe(lorem(300).join(''));
      expect(reasoning).toBe('so then ');
      expect(last).toMatchObject({ message: { status: 'COMPLETE' } });
    }
    expect(generations()).toBe(20);
    // And it works again as if nothing had been.
    const { sendMessage } = await data(here, SEND, { input: chatInput('short'), wait: true });
    expect(sendMessage.status).toBe('COMPLETE');
  });
});

describe('a Redis that does not come back', () => {
  it('leaves two servers that go on: watched from checkpoints, stopped through the database, ended in order', async () => {
    const { redis, here, there, token, data, generations } = await start();
    const input = chatInput('long');
    const own = followTurn({ addresses: [here], token }, { input });
    await expect.poll(generations).toBe(1);
    await redis.kill();
    const across = followTurn({ addresses: [there], token }, { input });
    let heard = 0;
    const counting = followTurn({ addresses: [there], token }, { input }, () => {
      heard += 1;
    });
    await expect.poll(() => heard).toBeGreaterThan(3);
    const { sendMessage } = await data(there, SEND, { input: chatInput('short'), wait: true });
    expect(sendMessage.status).toBe('COMPLETE');
    const { sendMessage: running } = await data(here, SEND, { input });
    const { stopTurn } = await data(there, STOP, { id: running.id });
    expect(stopTurn.status).toBe('STOPPED');
    const [one, two, three] = (await Promise.all([own, across, counting])).map(checkReceived);
    expect(one?.text.length).toBeGreaterThan(0);
    expect(two).toEqual(one);
    expect(three).toEqual(one);
    expect(await Promise.all([here.end('SIGTERM'), there.end('SIGTERM')])).toEqual([0, 0]);
  });
});
