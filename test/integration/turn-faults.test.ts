import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ScriptedUpstream, startScriptedUpstream } from '../support/scripted-upstream.ts';
import { startTestServer, type TestServer, type TestUser } from '../support/server.ts';
import { lorem, type StreamFault, type StreamPlan } from '../support/stream-plan.ts';
import { CHAT, chatInput, eventsOf, SEND, watchToEnd } from '../support/turns.ts';

const KEPT = lorem(5).join('');
const plan = (fault: StreamFault, more: StreamPlan = {}): StreamPlan => ({ tokens: lorem(20), fault, ...more });

type Case = { fault: string; plan: StreamPlan; code: string; retryable: boolean; kept: string };

const CASES: Case[] = [
  {
    fault: '401',
    plan: plan({ type: 'status', status: 401 }),
    code: 'PROVIDER_UNAVAILABLE',
    retryable: false,
    kept: '',
  },
  {
    fault: '404',
    plan: plan({ type: 'status', status: 404 }),
    code: 'PROVIDER_UNAVAILABLE',
    retryable: false,
    kept: '',
  },
  { fault: '429', plan: plan({ type: 'status', status: 429 }), code: 'RATE_LIMITED', retryable: true, kept: '' },
  {
    fault: '500',
    plan: plan({ type: 'status', status: 500 }),
    code: 'PROVIDER_UNAVAILABLE',
    retryable: true,
    kept: '',
  },
  {
    fault: 'a malformed chunk',
    plan: plan({ type: 'malformed', after: 5 }),
    code: 'PROVIDER_UNAVAILABLE',
    retryable: true,
    kept: KEPT,
  },
  {
    fault: 'a cut connection',
    plan: plan({ type: 'cut', after: 5 }),
    code: 'PROVIDER_UNAVAILABLE',
    retryable: true,
    kept: KEPT,
  },
  {
    fault: 'an early end',
    plan: plan({ type: 'cut', after: 5, graceful: true }),
    code: 'PROVIDER_UNAVAILABLE',
    retryable: true,
    kept: KEPT,
  },
  {
    fault: 'silence',
    plan: plan({ type: 'silent', after: 5 }),
    code: 'PROVIDER_UNAVAILABLE',
    retryable: true,
    kept: KEPT,
  },
  { fault: 'no answer', plan: plan({ type: 'never' }), code: 'PROVIDER_UNAVAILABLE', retryable: true, kept: '' },
  {
    fault: 'an error in the stream',
    plan: plan({ type: 'error', after: 5, error: { message: 'overloaded' } }),
    code: 'PROVIDER_UNAVAILABLE',
    retryable: true,
    kept: KEPT,
  },
];

describe('a provider that fails', () => {
  let upstream: ScriptedUpstream;
  let server: TestServer;
  let user: TestUser;

  beforeAll(async () => {
    const plans = Object.fromEntries(CASES.map((each) => [each.fault, each.plan]));
    upstream = await startScriptedUpstream({ plans: { ...plans, hostile: { tokens: ['a\0b', '\ud800', 'c'] } } });
    const environment = {
      MODEL_IDLE_TIMEOUT_SECONDS: '1',
      MODEL_FIRST_TOKEN_TIMEOUT_SECONDS: '1',
      MODEL_CONNECT_TIMEOUT_SECONDS: '1',
    };
    server = await startTestServer({ openAiUrl: upstream.url, environment, shared: true });
    user = await server.register();
  });
  afterAll(async () => {
    await server.close();
    await upstream.close();
  });

  it.each(CASES)(
    'ends the turn with $code on $fault, keeps the text and lives on',
    async ({ fault, code, retryable, kept }) => {
      // A server of its own breaker state would be needed to fail more often than the breaker allows.
      const { last, text } = await watchToEnd(eventsOf(server, 'ws', user.token, CHAT, { input: chatInput(fault) }));
      expect(last).toMatchObject({
        __typename: 'TurnFailed',
        error: { code, retryable },
        message: { status: 'FAILED' },
      });
      expect(text).toBe(kept);
      expect(last.message.content).toBe(kept);
      expect(JSON.stringify(last)).not.toContain(upstream.url);
      expect(JSON.stringify(last)).not.toContain('key-for-tests');
      const again = await watchToEnd(eventsOf(server, 'sse', user.token, CHAT, { input: chatInput('scripted') }));
      expect(again.last.finishReason).toBe('STOP');
    },
  );

  it('cannot make the database refuse its text', async () => {
    const { last, text } = await watchToEnd(eventsOf(server, 'ws', user.token, CHAT, { input: chatInput('hostile') }));
    expect(last.message).toMatchObject({ status: 'COMPLETE', content: 'a\ufffdb\ufffdc' });
    expect(text).toBe('a\ufffdb\ufffdc');
  });

  it('is told from a model that nobody can have', async () => {
    const codeOf = async (model: string) => {
      const { errors } = await server.request(SEND, { input: { ...chatInput('x'), model } }, user.token);
      return errors?.[0]?.extensions;
    };
    expect(await codeOf('nonsense')).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: { 'input.model': expect.any(String) },
    });
    expect(await codeOf('aihub/x')).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: { 'input.model': expect.stringContaining('AIHUB_BASE_URL') },
    });
  });
});

describe('an answer without end', () => {
  it('is ended at the longest answer', async () => {
    const upstream = await startScriptedUpstream({ plans: { endless: { tokens: lorem(5_000) } } });
    const server = await startTestServer({ openAiUrl: upstream.url, environment: { MAX_ANSWER_CHARACTERS: '1000' } });
    const user = await server.register();
    const { last, text } = await watchToEnd(eventsOf(server, 'ws', user.token, CHAT, { input: chatInput('endless') }));
    expect(last).toMatchObject({ finishReason: 'LENGTH', message: { status: 'COMPLETE' } });
    expect(text).toBe(lorem(5_000).join('').slice(0, 1_000));
    await upstream.close();
  });
});
