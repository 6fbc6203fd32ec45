import { type Client, ColloquyError, type TurnEvent } from '@colloquy/sdk';
import { beforeEach, expect, test, vi } from 'vitest';
import { createDrafts } from '../../../frontend/src/thread/drafts.ts';
import { createLiveAnswer } from '../../../frontend/src/thread/live-answer.ts';
import { createThread } from '../../../frontend/src/thread/thread.ts';
import type { ThreadMessage } from '../../../frontend/src/thread/thread-message.ts';
import type { FirstAnswer } from '../../../frontend/src/thread/thread-state.ts';
import { createPushStream } from '../../../sdk/src/push-stream.ts';

const kept = new Map<string, string>();

beforeEach(() => {
  kept.clear();
  vi.stubGlobal('requestAnimationFrame', (call: () => void) => setTimeout(call, 0));
  vi.stubGlobal('cancelAnimationFrame', clearTimeout);
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
});

type Message = Omit<ThreadMessage, 'key' | 'reasonedMs'>;

function message(id: string, parent: string | null, rest: Partial<Message> = {}): Message {
  return {
    id,
    role: 'ASSISTANT',
    status: 'COMPLETE',
    content: `Text of ${id}`,
    reasoning: null,
    model: 'openai/echo',
    modelVersion: null,
    createdAt: '2026-11-26T10:00:00Z',
    finishReason: null,
    parent: parent === null ? null : { id: parent },
    turn: null,
    citations: [],
    degraded: null,
    usage: null,
    error: null,
    feedback: null,
    siblings: [{ id }],
    ...rest,
  };
}

const turnOf = (id: string, key = `key-${id}`) => ({ id, key, cursor: 1, status: 'GENERATING' as const });

function started(turnId: string, prompt: Message, answer: Message): TurnEvent {
  const turn = {
    ...turnOf(turnId),
    conversation: { id: 'c', title: 'C' },
    userMessage: prompt,
    assistantMessage: answer,
  };
  return { __typename: 'TurnStarted', turnId, cursor: 1, turn } as unknown as TurnEvent;
}

const delta = (turnId: string, offset: number, text: string) =>
  ({ __typename: 'TurnDelta', turnId, cursor: 2 + offset + text.length, offset, text }) as TurnEvent;

const asConversation = (path: Message[]) => ({
  id: 'c',
  title: 'C',
  model: null,
  // As it comes over the wire: nothing of it is the same object as before.
  messages: {
    edges: structuredClone(path).map((node) => ({ node })),
    pageInfo: { hasPreviousPage: false, startCursor: null },
  },
});

/** A server that answers as the test says, and remembers what it was asked. `first`: before there was a thread. */
function fakeServer(path: () => Message[], first?: Message[] | null) {
  let early = (first && asConversation(first)) as unknown as FirstAnswer;
  const asked: { leaf: string | null | undefined }[] = [];
  const opened: { what: string; signal: AbortSignal; stream: ReturnType<typeof createPushStream<TurnEvent>> }[] = [];
  const open = (what: string, signal: AbortSignal) => {
    const stream = createPushStream<TurnEvent>(() => {});
    signal.addEventListener('abort', () => stream.end());
    opened.push({ what, signal, stream });
    return stream.items;
  };
  const stops: string[] = [];
  let stopFault: Error | null = null;
  const client = {
    async conversation(_: string, { leaf }: { leaf?: string | null }) {
      asked.push({ leaf });
      return asConversation(path());
    },
    chat: (input: { text: string }, { signal }: { signal: AbortSignal }) => open(`chat ${input.text}`, signal),
    regenerate: (input: { messageId: string }, { signal }: { signal: AbortSignal }) =>
      open(`regenerate ${input.messageId}`, signal),
    watchTurn: (id: string, { signal }: { signal: AbortSignal }) => open(`watch ${id}`, signal),
    newestLeaf: async (id: string) => `leaf of ${id}`,
    async stopTurn(id: string) {
      stops.push(id);
      if (stopFault) throw stopFault;
    },
  };
  const drafts = createDrafts('somebody');
  const thread = createThread(
    {
      client: client as unknown as Client,
      first: {
        peek: () => early,
        async take() {
          const taken = early;
          early = undefined;
          return taken;
        },
      },
      drafts,
      retrieval: () => null,
      options: () => null,
      onNamed: () => {},
      find: () => undefined,
      onRead: () => {},
    },
    'c',
  );
  return {
    thread,
    drafts,
    asked,
    opened,
    stops,
    failStops(fault: Error | null): void {
      stopFault = fault;
    },
    state: thread.store.get,
    shown: () => thread.store.get().path.messages.map(({ content }) => content),
    /** The stream that was opened last. */
    get last() {
      const found = opened.at(-1);
      if (!found) throw new Error('Nothing has been asked.');
      return found;
    },
  };
}

const fault = (code: ColloquyError['code']) => new ColloquyError({ code, message: code });
const prompt = message('p1', null, { role: 'USER', content: 'One?' });
const answer = message('a1', 'p1', { turn: turnOf('t1'), content: 'One.' });

test('what has been read of an answer stays when its stream fails, and it can be gone on with', async () => {
  const next = [message('p2', 'a1', { role: 'USER', content: 'Two?' }), message('a2', 'p2', { status: 'GENERATING' })];
  let path = [prompt, answer];
  const server = fakeServer(() => path);
  await server.thread.load();
  void server.thread.send('Two?', null);
  const [asking, making] = next as [Message, Message];
  server.last.stream.push(started('t2', asking, { ...making, content: '' }));
  server.last.stream.push(delta('t2', 0, 'Half of '));
  server.last.stream.push(delta('t2', 8, 'it'));
  server.last.stream.fail(fault('INTERNAL'));
  await expect.poll(() => server.state().fault?.retry?.label).toBe('Try again');
  expect(server.shown()).toEqual(['One?', 'One.', 'Two?', 'Half of it']);
  expect(server.state().live).toBeNull();

  path = [prompt, answer, asking, { ...making, content: 'Half', turn: turnOf('t2') }];
  server.state().fault?.retry?.run();
  await expect.poll(() => server.last.what).toBe('watch t2');
  expect(server.state().fault).toBeNull();
  server.last.stream.push(delta('t2', 0, 'Half of it, and the rest'));
  await expect.poll(() => server.state().live?.answer.store.get().content).toBe('Half of it, and the rest');
});

test('a stop that did not reach the server can be tried again', async () => {
  const making = message('a1', 'p1', { status: 'GENERATING', turn: turnOf('t1') });
  const server = fakeServer(() => [prompt, making]);
  await server.thread.load();
  expect(server.state().live?.turnId).toBe('t1');
  server.failStops(fault('UNREACHABLE'));
  server.thread.stop();
  expect(server.state().live?.stopping).toBe(true);
  await expect.poll(() => server.state().live?.stopping).toBe(false);
  expect(server.state().fault?.text).toBe('The server cannot be reached.');
  server.failStops(null);
  server.thread.stop();
  // While it is underway it is not asked for twice.
  server.thread.stop();
  expect(server.stops).toEqual(['t1', 't1']);
});

test('who is refused on an older branch stays on it', async () => {
  const server = fakeServer(() => [prompt, answer]);
  await server.thread.load();
  await server.thread.showBranch('a1');
  expect(server.asked.at(-1)).toEqual({ leaf: 'leaf of a1' });
  void server.thread.send('Two?', null);
  server.last.stream.fail(fault('RATE_LIMITED'));
  await expect.poll(() => server.state().returned?.text).toBe('Two?');
  expect(server.shown()).toEqual(['One?', 'One.']);
  await server.thread.load();
  expect(server.asked.at(-1)).toEqual({ leaf: 'leaf of a1' });
});

test('what nobody has written does not come back into the composer', async () => {
  const server = fakeServer(() => [prompt, answer]);
  await server.thread.load();
  void server.thread.goOn(null);
  server.last.stream.fail(fault('RATE_LIMITED'));
  await expect.poll(() => server.state().fault?.retry?.label).toBe('Send again');
  expect(server.state().returned).toBeNull();
  server.state().fault?.retry?.run();
  expect(server.opened).toHaveLength(2);
});

test('a text that arrived although the page was left before it knew is cleared away; another one is not', async () => {
  const before = fakeServer(() => [prompt, answer]);
  const { turnKey } = before.drafts.write('c', 'One?');
  const server = fakeServer(() => [prompt, { ...answer, turn: turnOf('t1', turnKey) }]);
  await server.thread.load();
  expect(server.state().arrived).toEqual({ text: 'One?' });
  expect(server.drafts.read('c')).toBeNull();

  server.drafts.write('c', 'Two?');
  await server.thread.load();
  expect(server.drafts.read('c')?.text).toBe('Two?');
});

test('what is written on while a new conversation gets its id belongs to it; what another tab writes does not', () => {
  const drafts = createDrafts('somebody');
  const { turnKey } = drafts.write(null, 'Further');
  drafts.name('c', 'Something else');
  expect(drafts.read('c')).toBeNull();
  drafts.name('c', 'Further');
  expect(drafts.read('c')).toEqual({ text: 'Further', turnKey });
  expect(drafts.read(null)).toBeNull();
});

test('messages that are as they were stay the same objects when a conversation is read again', async () => {
  let path = [prompt, answer];
  const server = fakeServer(() => path);
  await server.thread.load();
  const before = server.state().path.messages;
  path = [prompt, { ...answer, feedback: { rating: 'UP', comment: null, updatedAt: '2026-11-26T10:00:00Z' } }];
  await server.thread.load();
  const [same, rated] = server.state().path.messages;
  expect(same).toBe(before[0]);
  expect(rated?.feedback?.rating).toBe('UP');
});

test('who leaves, goes elsewhere or asks for something else leaves the stream', async () => {
  const making = message('a1', 'p1', { status: 'GENERATING', turn: turnOf('t1') });
  const server = fakeServer(() => [prompt, making]);
  await server.thread.load();
  const watching = server.last;
  await server.thread.showBranch('p1');
  expect(watching.signal.aborted).toBe(true);
  expect(server.last).not.toBe(watching);
  // What comes late is for nobody.
  watching.stream.push(delta('t1', 0, 'x'.repeat(100)));
  const again = server.last;
  server.thread.dispose();
  expect(again.signal.aborted).toBe(true);
  expect(server.state().live).toBeNull();
});

test('after a reload an answer is being answered, not reasoned about, however much of it comes again', async () => {
  const live = createLiveAnswer('Half of it', []);
  live.reason('First this.');
  live.append(0, 'Half of it');
  expect(live.latest()).toMatchObject({ phase: 'answering', content: 'Half of it', reasoning: 'First this.' });
  live.append(5, 'of it, and more');
  expect(live.latest().content).toBe('Half of it, and more');
  live.dispose();
});

test('what was read before the page was there is shown at once, and not asked for again until something changes', async () => {
  const next = message('p2', 'a1', { role: 'USER', content: 'Two?' });
  const server = fakeServer(() => [prompt, answer, next], [prompt, answer]);
  expect(server.state()).toMatchObject({ status: 'ready', conversation: { title: 'C' } });
  const before = server.state().path.messages;
  expect(server.shown()).toEqual(['One?', 'One.']);
  await server.thread.load();
  expect(server.asked).toEqual([]);
  expect(server.state().path.messages[1]).toBe(before[1]);
  await server.thread.load();
  expect(server.asked).toHaveLength(1);
  expect(server.shown()).toEqual(['One?', 'One.', 'Two?']);
});

test('an answer that is being made is watched from the beginning, also when it was read before the page was there', async () => {
  const making = message('a1', 'p1', { status: 'GENERATING', turn: turnOf('t1') });
  const server = fakeServer(() => [], [prompt, making]);
  expect(server.state().status).toBe('loading');
  await server.thread.load();
  expect(server.last.what).toBe('watch t1');
  expect(server.asked).toEqual([]);
  const gone = fakeServer(() => [prompt], null);
  await gone.thread.load();
  expect(gone.state().status).toBe('missing');
  expect(gone.asked).toEqual([]);
});
