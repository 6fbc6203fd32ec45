import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { seededRandom } from '../support/fault-seed.ts';
import { freeze } from '../support/freeze.ts';
import { startRedis } from '../support/services/redis.ts';
import { checkReceived, followTurn, type Received } from '../support/stream-client.ts';
import { lorem } from '../support/stream-plan.ts';
import { chatInput, SEND } from '../support/turns.ts';
import { paced, startTwoInstances, type TwoInstances } from '../support/two-instances.ts';

const REGENERATE = `mutation ($input: RegenerateInput!) {
  regenerate(input: $input, wait: true) { status assistantMessage { content } }
}`;

/** Its lease, a look of the others, and what a busy machine takes. */
const CLOSED_WITHIN_MS = 15_000 + 10_000;

/** Turns of one instance, each followed there first and by a second client on the other one. */
function followAll({ here, there, token }: TwoInstances, count: number, model: string) {
  return Array.from({ length: count }, () => {
    const input = chatInput(model);
    // Whoever is cut off goes on at the other one.
    const own = followTurn({ addresses: [here, there], token }, { input });
    return { input, own };
  });
}

describe('an instance that is killed in the middle of 50 turns', () => {
  it('leaves none of them open, and nothing that anybody has seen is lost', async () => {
    const random = seededRandom();
    const instances = await startTwoInstances({ plans: { long: paced(3_000, 90_000), short: paced(5, 50) } });
    const { here, there, token, data, generations } = instances;
    const turns = followAll(instances, 50, 'long');
    await expect.poll(generations).toBe(50);
    const elsewhere = turns.map(({ input }) => followTurn({ addresses: [there], token }, { input }));
    await delay(1_500 + random() * 1_000);
    const killedAt = performance.now();
    await here.end('SIGKILL');
    const received = await Promise.all([...turns.map(({ own }) => own), ...elsewhere]);
    expect(performance.now() - killedAt).toBeLessThan(CLOSED_WITHIN_MS);
    const whole = lorem(3_000).join('');
    for (const each of received) {
      const { last, text } = checkReceived(each);
      expect(last).toMatchObject({
        __typename: 'TurnFailed',
        error: { code: 'UNAVAILABLE', retryable: true },
        message: { status: 'INTERRUPTED' },
      });
      expect(text.length).toBeGreaterThan(50);
      expect(whole.startsWith(text)).toBe(true);
    }
    // Both clients of a turn have seen the same, and it can be answered again at once.
    const lasts = received.map(({ events }) => events.at(-1));
    expect(lasts.slice(0, 50)).toEqual(lasts.slice(50));
    const input = { turnKey: randomUUID(), messageId: lasts[0]?.message.id, model: 'openai/short' };
    const { regenerate } = await data(there, REGENERATE, { input });
    expect(regenerate).toMatchObject({ status: 'COMPLETE', assistantMessage: { content: lorem(5).join('') } });
    expect(generations()).toBe(51);
  });
});

describe('an instance that is frozen until the other has closed its turns', () => {
  async function start(redisUrl?: string) {
    const plans = { long: paced(6_000, 120_000), short: paced(5, 50) };
    const instances = await startTwoInstances({ plans, ...(redisUrl && { redisUrl }) });
    const { here, there, token, data, generations } = instances;
    const { pid } = here.child;
    if (pid === undefined) throw new Error('the server runs');
    // These stay with the frozen one, and hear nothing meanwhile.
    const faithful = Array.from({ length: 10 }, () => {
      const input = chatInput('long');
      return { input, received: followTurn({ addresses: [here], token, deadlineMs: 90_000 }, { input }) };
    });
    await expect.poll(generations).toBe(10);
    const elsewhere = faithful.map(({ input }) => followTurn({ addresses: [there], token }, { input }));
    await delay(2_000);

    async function comeBackClosed(): Promise<void> {
      const closed = (await Promise.all(elsewhere)).map(checkReceived);
      for (const { last } of closed) expect(last.message.status).toBe('INTERRUPTED');
      here.child.kill('SIGCONT');
      const own = (await Promise.all(faithful.map(({ received }) => received))).map((each: Received) =>
        checkReceived(each),
      );
      expect(own.map(({ last }) => last)).toEqual(closed.map(({ last }) => last));
      const { sendMessage } = await data(here, SEND, { input: chatInput('short'), wait: true });
      expect(sendMessage.status).toBe('COMPLETE');
    }

    return { pid, comeBackClosed };
  }

  it('shows nothing that does not stand when it comes back, and goes on with new turns', async () => {
    const { pid, comeBackClosed } = await start();
    await freeze(pid);
    await comeBackClosed();
  });

  it('does so too where it was writing its journal at that moment', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    const { pid, comeBackClosed } = await start(redis.url);
    redis.freeze();
    // It writes every 25 ms.
    await delay(100);
    await freeze(pid);
    redis.thaw();
    await comeBackClosed();
  });
});
