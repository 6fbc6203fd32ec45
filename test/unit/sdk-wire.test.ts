import { browserTokenStore, createClient } from '@colloquy/sdk';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { splitEvents } from '../../sdk/src/sse-events.ts';
import { withStorageLock } from '../../sdk/src/storage-lock.ts';
import { createUuid } from '../../sdk/src/uuid.ts';
import { createFakeGraph, refusal } from '../support/fake-graph.ts';
import { EVENTS } from '../support/fake-turn.ts';

describe('server-sent events', () => {
  const stream =
    ': hello\r\n\r\nevent: next\r\ndata: {"a":"👋"}\r\n\r\n:\n\nevent:next\ndata:one\ndata: two\n\rid: 1\n\nevent: complete\n\n';
  const events = [
    { event: 'next', data: '{"a":"👋"}' },
    { event: 'next', data: 'one\ntwo' },
    { event: 'complete', data: '' },
  ];

  test('are the same wherever the stream is cut', () => {
    for (let cut = 0; cut <= stream.length; cut++) {
      const split = splitEvents();
      expect([...split(stream.slice(0, cut)), ...split(stream.slice(cut))]).toEqual(events);
    }
    const split = splitEvents();
    expect([...stream].flatMap((unit) => split(unit))).toEqual(events);
  });
});

describe('over server-sent events', () => {
  const headers = { 'content-type': 'text/event-stream; charset=utf-8' };
  const frame = (data: object) => `event: next\ndata: ${JSON.stringify({ data })}\n\n`;

  function start(respond: (after: number, attempt: number) => Response) {
    let attempts = 0;
    const graph = createFakeGraph({
      answers: {
        Chat: ({ variables }) => respond(Number((variables.input as { after?: number }).after ?? 0), attempts++),
        WatchTurn: ({ variables }) => respond(Number(variables.after), attempts++),
      },
    });
    const { url, fetch } = graph;
    const client = createClient({ url, fetch, token: 'token', transport: 'sse', delay: async () => {} });
    onTestFinished(() => client.dispose());
    return { graph, client };
  }

  test('a body that ends in the middle is gone on with', async () => {
    const { client } = start((after, attempt) => {
      const field = attempt === 0 ? 'chat' : 'turn';
      const left = EVENTS.filter(({ cursor }) => cursor > after).map((event) => frame({ [field]: event }));
      const [first = '', second = ''] = left;
      // Each answer is one whole event and half of the next.
      return new Response(left.length > 1 ? first + second.slice(0, second.length / 2) : first, { headers });
    });
    expect(await Array.fromAsync(client.chat({ text: 'Hi' }))).toEqual(EVENTS);
  });

  test('a proxy that is for a while without its server is waited for', async () => {
    const { client } = start((_after, attempt) =>
      attempt < 3
        ? new Response('<h1>Bad gateway</h1>', { status: 502 })
        : new Response(EVENTS.map((event) => frame({ chat: event })).join(''), { headers }),
    );
    expect(await Array.fromAsync(client.chat({ text: 'Hi' }))).toEqual(EVENTS);
  });

  test('a refusal that is no stream is thrown', async () => {
    const { client } = start(() => refusal('CONFLICT'));
    await expect(Array.fromAsync(client.chat({ text: 'Hi' }))).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

describe('a request', () => {
  const ask = (answer: () => Response) => {
    const { url, fetch } = createFakeGraph({ answers: { Health: answer } });
    return createClient({ url, fetch }).health();
  };

  test.each([
    [new Response('<html>', { status: 502 }), 'UNAVAILABLE'],
    [new Response('', { status: 429, headers: { 'retry-after': '9' } }), 'RATE_LIMITED'],
    [new Response('[]', { status: 200 }), 'INTERNAL'],
    [new Response('null', { status: 413 }), 'PAYLOAD_TOO_LARGE'],
    [Response.json({ errors: [{ message: 'Odd.', extensions: { code: 'ODD' } }] }), 'INTERNAL'],
    [Response.json({ errors: [] }), 'INTERNAL'],
  ])('that is answered with %o', async (response, code) => {
    await expect(ask(() => response)).rejects.toMatchObject({ name: 'ColloquyError', code });
  });

  test('that reaches nobody', async () => {
    const answer = () => {
      throw new TypeError('fetch failed');
    };
    await expect(ask(answer)).rejects.toMatchObject({ code: 'UNREACHABLE', cause: expect.any(TypeError) });
  });

  test('that nobody answers ends with its time, or with its signal and its reason', async () => {
    const fetch: typeof globalThis.fetch = (_url, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
      });
    const client = createClient({ url: 'http://fake.test', fetch, requestTimeoutMs: 10 });
    await expect(client.health()).rejects.toMatchObject({ code: 'UNREACHABLE' });
    const reason = new Error('The person has left.');
    const request = client.health({ timeoutMs: 0, signal: AbortSignal.abort(reason) });
    await expect(request).rejects.toBe(reason);
  });
});

describe('the address', () => {
  test.each([
    ['http://host:4000', 'http://host:4000/graphql'],
    ['https://host/', 'https://host/graphql'],
    ['https://host/chat/graphql', 'https://host/chat/graphql'],
    [new URL('http://host/api?tenant=1'), 'http://host/api?tenant=1'],
  ])('%s', async (url, expected) => {
    let asked: unknown;
    const fetch: typeof globalThis.fetch = async (input) => {
      asked = input;
      return Response.json({ data: { viewer: null } });
    };
    await createClient({ url, fetch }).viewer();
    expect(asked).toBe(expected);
  });

  test.each(['ftp://host', 'nothing'])('%s is refused', (url) => {
    expect(() => createClient({ url })).toThrow(TypeError);
  });

  test('one way to sign in is enough', () => {
    expect(() => createClient({ url: 'http://host', token: 'a', apiKey: 'b' })).toThrow(TypeError);
  });
});

test('the browser’s store keeps tokens, and nothing that is broken', () => {
  const kept = new Map<string, string>();
  const store = browserTokenStore('tokens', {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  });
  const tokens = { accessToken: 'a', refreshToken: 'b', expiresAt: '2026-01-01T00:00:00Z' };
  expect(store.load()).toBe(null);
  store.save(tokens);
  expect(store.load()).toEqual(tokens);
  for (const broken of ['{', '"text"', '{"accessToken":1}', 'null']) {
    kept.set('tokens', broken);
    expect(store.load()).toBe(null);
  }
  store.save(tokens);
  store.save(null);
  expect(kept.size).toBe(0);
});

test('where the browser refuses Web Locks a renewal is made all the same, once', async () => {
  const kept = new Map<string, string>();
  const store = browserTokenStore('tokens', {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  });
  const denied = async () => {
    throw new DOMException('denied', 'SecurityError');
  };
  const granted = (_: string, task: () => Promise<unknown>) => task();
  let runs = 0;
  const task = async () => {
    runs += 1;
    return runs;
  };
  onTestFinished(() => void vi.unstubAllGlobals());
  vi.stubGlobal('navigator', { locks: { request: denied } });
  expect(await store.lock?.(task)).toBe(1);
  vi.stubGlobal('navigator', { locks: { request: granted } });
  expect(await store.lock?.(task)).toBe(2);
  await expect(store.lock?.(() => Promise.reject(new Error('the server refused')))).rejects.toThrow('refused');
  expect(runs).toBe(2);
});

test('without Web Locks one tab after another renews', async () => {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
  let running = 0;
  const results = await Promise.all(
    [1, 2, 3].map((number) =>
      withStorageLock(storage, 'lock', async () => {
        running += 1;
        await new Promise((resolve) => setImmediate(resolve));
        expect(running).toBe(1);
        running -= 1;
        return number;
      }),
    ),
  );
  expect(results).toEqual([1, 2, 3]);
  expect(kept.size).toBe(0);
  // A tab that was closed in the middle is not waited for.
  kept.set('lock', `somebody ${Date.now() - 1}`);
  await expect(withStorageLock(storage, 'lock', () => Promise.reject(new Error('Failed.')))).rejects.toThrow('Failed.');
  expect(kept.size).toBe(0);
});

test('keys are made on pages without TLS too', () => {
  const { randomUUID } = crypto;
  onTestFinished(() => void Object.assign(crypto, { randomUUID }));
  Object.assign(crypto, { randomUUID: undefined });
  const made = Array.from({ length: 100 }, createUuid);
  for (const uuid of made)
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(new Set(made).size).toBe(100);
});
