import { randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { codeOf, failure } from '../support/errors.ts';
import { startScriptedUpstream } from '../support/scripted-upstream.ts';
import { PASSWORD, startTestServer, subscribe, type Transport } from '../support/server.ts';
import { lorem } from '../support/stream-plan.ts';
import { CHAT, chatInput, SEND } from '../support/turns.ts';

const LOGIN = 'mutation ($input: LoginInput!) { login(input: $input) { accessToken } }';

describe('attempts at a password', () => {
  const start = () => startTestServer({ environment: { LOGIN_ATTEMPTS_PER_MINUTE: '4' } });

  it('are limited for each account, whether it is there or not, in whatever form its name is written', async () => {
    const server = await start();
    const { username } = await server.register();
    const attempt = (name: string, password: string) => server.request(LOGIN, { input: { username: name, password } });
    for (const name of [username, randomUUID().slice(0, 8)]) {
      for (let count = 0; count < 4; count++) expect(codeOf(await attempt(name, 'wrong'))).toBe('UNAUTHENTICATED');
      const refused = failure(await attempt(name.toUpperCase(), PASSWORD));
      expect(refused).toMatchObject({ code: 'RATE_LIMITED' });
      expect(refused.retryAfterSeconds).toBeGreaterThan(0);
    }
    const { username: other } = await server.register();
    expect(codeOf(await attempt(other, PASSWORD))).toBeUndefined();
  });

  it('are limited in one document as in many: a document ends at the first that is wrong', async () => {
    const server = await start();
    const { username } = await server.register();
    const input = `{ username: "${username}", password: "wrong" }`;
    const many = Array.from({ length: 8 }, (_, index) => `a${index}: login(input: ${input}) { accessToken }`);
    const codes = [];
    for (let document = 0; document < 6; document++) {
      const { errors = [] } = await server.request(`mutation { ${many.join(' ')} }`);
      expect(errors).toHaveLength(1);
      codes.push(errors[0]?.extensions?.code);
    }
    expect(codes).toEqual([...Array(4).fill('UNAUTHENTICATED'), ...Array(2).fill('RATE_LIMITED')]);
  });

  it('are counted anew after the right one', async () => {
    const server = await start();
    const { username } = await server.register();
    for (let round = 0; round < 3; round++) {
      for (let count = 0; count < 3; count++) {
        await server.request(LOGIN, { input: { username, password: 'wrong' } });
      }
      await server.data(LOGIN, { input: { username, password: PASSWORD } });
    }
  });

  it('are limited where it is changed', async () => {
    const server = await start();
    const user = await server.register();
    const change =
      'mutation ($current: String!) { changePassword(current: $current, next: "another long one") { tokenType } }';
    for (let count = 0; count < 4; count++) {
      expect(codeOf(await server.request(change, { current: 'wrong' }, user.token))).toBe('BAD_USER_INPUT');
    }
    expect(codeOf(await server.request(change, { current: PASSWORD }, user.token))).toBe('RATE_LIMITED');
  });
});

describe('turns', () => {
  async function start() {
    const upstream = await startScriptedUpstream({ plans: { short: { tokens: lorem(5) } } });
    onTestFinished(() => upstream.close());
    const server = await startTestServer({ openAiUrl: upstream.url, environment: { TURNS_PER_MINUTE: '3' } });
    return { server, user: await server.register() };
  }

  it('are limited for each user; those that are there are joined for ever', async () => {
    const { server, user } = await start();
    const inputs = Array.from({ length: 3 }, () => chatInput('short'));
    // Retries count for nothing.
    for (const input of inputs) {
      for (let retry = 0; retry < 4; retry++) await server.data(SEND, { input, wait: true }, user.token);
    }
    const refused = failure(await server.request(SEND, { input: chatInput('short') }, user.token));
    expect(refused).toMatchObject({ code: 'RATE_LIMITED' });
    expect(refused.retryAfterSeconds).toBeGreaterThan(0);
    for (const input of inputs) await server.data(SEND, { input }, user.token);
    const other = await server.register();
    await server.data(SEND, { input: chatInput('short') }, other.token);
    expect(await server.app.database.prisma.turn.count()).toBe(4);
  });

  it.each<Transport>(['ws', 'sse'])('that are too many are refused over %s as well', async (transport) => {
    const { server, user } = await start();
    for (let count = 0; count < 3; count++) await server.data(SEND, { input: chatInput('short') }, user.token);
    const events = subscribe(server, transport, user.token, CHAT, { input: chatInput('short') });
    const told = await events.next().then(
      ({ value }) => JSON.stringify(value),
      (error: unknown) => JSON.stringify(error),
    );
    expect(told).toContain('RATE_LIMITED');
  });

  it('are not limited where that is switched off', async () => {
    const upstream = await startScriptedUpstream({ plans: { short: { tokens: lorem(2) } } });
    onTestFinished(() => upstream.close());
    const server = await startTestServer({ openAiUrl: upstream.url, environment: { TURNS_PER_MINUTE: '0' } });
    const user = await server.register();
    for (let count = 0; count < 70; count++) await server.data(SEND, { input: chatInput('short') }, user.token);
  });
});
