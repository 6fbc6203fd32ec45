import { describe, expect, it } from 'vitest';
import {
  byWord,
  callsOf,
  FORBIDDEN,
  guardedEnvironment,
  guardScript,
  type Judge,
  REFUSAL,
} from '../support/guarded-world.ts';
import { checkReceived, followTurn } from '../support/stream-client.ts';
import { chatInput } from '../support/turns.ts';
import { startTwoInstances } from '../support/two-instances.ts';

const SENTENCES = Array.from({ length: 12 }, (_, index) => `This is sentence number ${index} of the answer. `);
const EVIL = [...SENTENCES, `This sentence is ${FORBIDDEN}. `, ...SENTENCES];
const BEFORE_EVIL = SENTENCES.join('');
const PLANS = { evil: { tokens: EVIL, reasoning: ['So. '], intervalMs: 40 } };

async function start(judge: Judge) {
  const environment = { ...guardedEnvironment('strict'), SAFETY_TIMEOUT_SECONDS: '600' };
  const instances = await startTwoInstances({ plans: PLANS, script: guardScript(judge), environment });
  const { here, there, token, upstream } = instances;
  const input = chatInput('evil');
  // One is with the server that makes it, and goes on at the other one; the other sees a mirror from the beginning.
  const own = followTurn({ addresses: [here, there], token }, { input });
  await expect.poll(() => callsOf(upstream).judged().length, { timeout: 30_000 }).toBeGreaterThan(0);
  const elsewhere = followTurn({ addresses: [there], token }, { input });
  return { ...instances, ...callsOf(upstream), received: Promise.all([own, elsewhere]) };
}

describe('an answer that is held back', () => {
  it('leaves nothing unjudged when its server is killed over the judgement', async () => {
    const hanging: Judge = ({ text }) => (text.includes(FORBIDDEN) ? { fault: { type: 'never' } } : 'safe');
    const { here, judged, received } = await start(hanging);
    await expect.poll(() => judged().some(({ text }) => text.includes(FORBIDDEN)), { timeout: 30_000 }).toBe(true);
    // A checkpoint is made every second.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    await here.end('SIGKILL');
    const [own, elsewhere] = (await received).map(checkReceived);
    expect(own?.last).toMatchObject({ __typename: 'TurnFailed', message: { status: 'INTERRUPTED' } });
    expect(own?.last).toEqual(elsewhere?.last);
    expect(own?.text.length).toBeGreaterThan(20);
    expect(BEFORE_EVIL.startsWith(own?.text ?? '-')).toBe(true);
    expect(elsewhere?.text).toBe(own?.text);
  });

  it('is blocked at the same place for the watchers of both servers', async () => {
    const { received } = await start(byWord);
    const [own, elsewhere] = (await received).map(checkReceived);
    expect(own?.last).toMatchObject({ __typename: 'TurnFinished', finishReason: 'BLOCKED' });
    expect(own?.last).toEqual(elsewhere?.last);
    expect(own?.text.endsWith(`\n\n${REFUSAL}`)).toBe(true);
    expect(own?.text).not.toContain(FORBIDDEN);
  });
});
