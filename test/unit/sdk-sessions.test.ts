import { type ClientOptions, createClient, type TokenStore, type Tokens } from '@colloquy/sdk';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createFakeGraph, type FakeGraphOptions, failure, refusal } from '../support/fake-graph.ts';
import { EVENTS, tell } from '../support/fake-turn.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const MINUTE = 60_000;

/** A JWT as far as a client looks into it. */
const jwt = (name: string, minutes = 15) =>
  `head.${Buffer.from(JSON.stringify({ name, iat: 1_000, exp: 1_000 + minutes * 60 })).toString('base64url')}.sign`;

const tokensOf = (name: string, endsAt = START + 15 * MINUTE): Tokens => ({
  accessToken: jwt(name),
  refreshToken: `refresh-${name}`,
  expiresAt: new Date(endsAt).toISOString(),
});

const bearer = (name: string) => `Bearer ${jwt(name)}`;
const VIEWER = { viewer: { isAdmin: false, user: null } };

/** A server that knows one access token at a time, and renews it for the refresh token of the one before. */
function accounts(valid: string) {
  const state = { valid, renewals: 0, refreshable: true };
  const check = (authorization: string | null) => authorization === bearer(state.valid);
  const options: FakeGraphOptions = {
    answers: {
      Viewer: ({ authorization }) => (check(authorization) ? VIEWER : refusal('UNAUTHENTICATED')),
      Refresh({ variables, authorization }) {
        expect(authorization).toBe(null);
        if (!state.refreshable || variables.refreshToken !== `refresh-${state.valid}`)
          return refusal('UNAUTHENTICATED');
        state.renewals += 1;
        state.valid = `${state.valid}+`;
        return { refresh: tokensOf(state.valid) };
      },
      Login: () => ({ login: tokensOf(state.valid) }),
      Logout: () => ({ logout: true }),
    },
    admit: ({ authorization }) => (check(authorization as string) ? null : 4403),
    subscribe: (request) => void tell(request),
  };
  return { state, options };
}

function start(options: FakeGraphOptions, clientOptions: Partial<ClientOptions>) {
  const graph = createFakeGraph(options);
  const { url, fetch, webSocket } = graph;
  const told: { tokens: (Tokens | null)[]; signedOut: string[] } = { tokens: [], signedOut: [] };
  const client = createClient({
    url,
    fetch,
    webSocket,
    now: () => START,
    delay: async () => {},
    onTokens: (tokens) => told.tokens.push(tokens),
    onSignedOut: ({ code }) => told.signedOut.push(code),
    ...clientOptions,
  });
  onTestFinished(() => client.dispose());
  return { graph, client, told };
}

describe('an access token', () => {
  test('is renewed before it ends, once for many requests', async () => {
    let time = START;
    const { state, options } = accounts('a');
    const { graph, client, told } = start(options, { tokens: tokensOf('a'), now: () => time });
    await client.viewer();
    time += 14 * MINUTE;
    await client.viewer();
    expect(state.renewals).toBe(0);
    time += 45_000;
    await Promise.all(Array.from({ length: 20 }, () => client.viewer()));
    expect(state.renewals).toBe(1);
    expect(graph.named('Viewer')).toHaveLength(22);
    expect(told).toEqual({ tokens: [tokensOf('a+')], signedOut: [] });
    expect(await client.tokens()).toEqual(tokensOf('a+'));
  });

  test('that is refused is renewed, once for many requests, and these are repeated', async () => {
    const { state, options } = accounts('a');
    const stale = { ...tokensOf('a'), accessToken: jwt('revoked') };
    const { graph, client } = start(options, { tokens: stale });
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.viewer()));
    expect(answers).toEqual(Array.from({ length: 20 }, () => VIEWER.viewer));
    expect(state.renewals).toBe(1);
    expect(graph.named('Viewer')).toHaveLength(40);
  });

  test('lasts as long as the server says, whatever the clock here says', async () => {
    let time = START + 600 * MINUTE;
    const { state, options } = accounts('a');
    const { client } = start(options, { now: () => time });
    await client.login({ username: 'a', password: 'a' });
    for (let minute = 0; minute < 14; minute++) {
      await client.viewer();
      time += MINUTE;
    }
    expect(state.renewals).toBe(0);
    time += MINUTE;
    await client.viewer();
    expect(state.renewals).toBe(1);
  });

  test('cannot be renewed: signed out, told once, and nothing is sent with it again', async () => {
    const { state, options } = accounts('a');
    state.refreshable = false;
    const { graph, client, told } = start(options, { tokens: { ...tokensOf('a'), accessToken: jwt('revoked') } });
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => client.viewer()));
    for (const result of results) expect(result).toMatchObject({ reason: { code: 'UNAUTHENTICATED' } });
    expect(graph.named('Refresh')).toHaveLength(1);
    expect(told).toEqual({ tokens: [null], signedOut: ['UNAUTHENTICATED'] });
    await expect(client.viewer()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(graph.requests.at(-1)?.authorization).toBe(null);
  });

  test('is kept when the renewal does not reach the server', async () => {
    const { options } = accounts('a');
    const refresh = options.answers?.Refresh;
    let reachable = false;
    const answers: FakeGraphOptions['answers'] = {
      ...options.answers,
      Refresh(request) {
        if (!reachable) throw new TypeError('fetch failed');
        return refresh?.(request) ?? {};
      },
    };
    const { client, told } = start({ ...options, answers }, { tokens: tokensOf('a'), now: () => START + 16 * MINUTE });
    await expect(client.viewer()).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect(told.signedOut).toEqual([]);
    reachable = true;
    expect(await client.viewer()).toEqual(VIEWER.viewer);
  });

  test('that is fixed is never renewed', async () => {
    const { options } = accounts('a');
    const { graph, client, told } = start(options, { token: 'other' });
    await expect(client.viewer()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await expect(Array.fromAsync(client.chat({ text: 'Hi' }))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(graph.named('Refresh')).toEqual([]);
    expect(told.signedOut).toEqual([]);
  });
});

describe('a store', () => {
  function memoryStore(tokens: Tokens | null): TokenStore & { kept: Tokens | null; locked: number } {
    return {
      kept: tokens,
      locked: 0,
      load() {
        return this.kept;
      },
      save(next) {
        this.kept = next;
      },
      lock(task) {
        this.locked += 1;
        return task();
      },
    };
  }

  test('is read at the first request and written at every change', async () => {
    const store = memoryStore(tokensOf('a'));
    const { state, options } = accounts('a');
    const { client } = start(options, { tokenStore: store, now: () => START + 16 * MINUTE });
    await client.viewer();
    expect(state.renewals).toBe(1);
    expect(store.kept).toEqual(tokensOf('a+'));
    expect(store.locked).toBe(1);
    await client.logout();
    expect(store.kept).toBe(null);
  });

  test('that another tab has written to is believed: nothing is renewed twice', async () => {
    const store = memoryStore(tokensOf('a'));
    const { state, options } = accounts('a');
    const first = start(options, { tokenStore: store });
    const second = start(options, { tokenStore: store });
    await Promise.all([first.client.viewer(), second.client.viewer()]);
    store.kept = tokensOf('b');
    state.valid = 'b';
    await Promise.all([first.client.viewer(), second.client.viewer()]);
    expect(state.renewals).toBe(0);
    store.kept = null;
    state.valid = 'c';
    await expect(first.client.viewer()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(first.told.signedOut).toEqual(['UNAUTHENTICATED']);
  });
});

describe('sockets', () => {
  test('closed with 4403 come back with a new token, in the middle of a stream', async () => {
    const { state, options } = accounts('a');
    let sockets = 0;
    const { graph, client } = start(
      {
        ...options,
        subscribe(request) {
          sockets += 1;
          if (sockets > 1) return void tell(request);
          tell(request, 3);
          request.close(4403);
        },
      },
      { tokens: tokensOf('a') },
    );
    expect(await Array.fromAsync(client.chat({ text: 'Hi' }))).toEqual(EVENTS);
    expect(state.renewals).toBe(1);
    expect(graph.introductions).toEqual([{ authorization: bearer('a') }, { authorization: bearer('a+') }]);
  });

  test('that are not let in are told to the person when there is nothing else to try', async () => {
    const { state, options } = accounts('a');
    state.refreshable = false;
    const { client, told } = start(options, { tokens: { ...tokensOf('a'), accessToken: jwt('revoked') } });
    const streams = [client.chat({ text: 'Hi' }), client.chat({ text: 'Ho' }), client.watchTurn('turn-1')];
    for (const result of await Promise.allSettled(streams.map((stream) => Array.fromAsync(stream)))) {
      expect(result).toMatchObject({ reason: { code: 'UNAUTHENTICATED' } });
    }
    expect(told.signedOut).toEqual(['UNAUTHENTICATED']);
  });

  test('that refuse fresh tokens too are not tried for ever', async () => {
    const { options } = accounts('a');
    const { graph, client } = start({ ...options, admit: () => 4403 }, { tokens: tokensOf('a') });
    await expect(Array.fromAsync(client.chat({ text: 'Hi' }))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(graph.introductions).toHaveLength(3);
  });

  test('that were opened before the sign-in are opened anew', async () => {
    const { options } = accounts('a');
    const anyone: FakeGraphOptions = {
      ...options,
      admit: () => null,
      subscribe: (request) => (request.authorization ? void tell(request) : request.errors(failure('UNAUTHENTICATED'))),
    };
    const { graph, client } = start(anyone, { idleSocketMs: 1_000 });
    await expect(Array.fromAsync(client.chat({ text: 'Hi' }))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await client.login({ username: 'a', password: 'a' });
    expect(await Array.fromAsync(client.chat({ text: 'Hi' }))).toEqual(EVENTS);
    expect(graph.introductions).toEqual([{}, { authorization: bearer('a') }]);
  });

  test('carry an API key, and so do requests', async () => {
    const { graph, client } = start(
      { answers: { Viewer: () => VIEWER }, subscribe: (request) => void tell(request) },
      { apiKey: 'api_1' },
    );
    await client.viewer();
    await Array.fromAsync(client.chat({ text: 'Hi' }));
    expect(graph.named('Viewer')[0]).toMatchObject({ apiKey: 'api_1', authorization: null });
    expect(graph.introductions).toEqual([{ apiKey: 'api_1' }]);
  });
});
