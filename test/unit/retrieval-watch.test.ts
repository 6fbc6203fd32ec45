import { expect, it, onTestFinished } from 'vitest';
import { createMemoryEventLog } from '../../src/adapters/events/memory-event-log.ts';
import type { PrismaClient } from '../../src/generated/prisma/client.ts';
import type { Citation } from '../../src/ports/event-log.ts';
import { createMirrors } from '../../src/services/chat/mirrors.ts';
import { citationsOf } from '../../src/services/chat/retrieved.ts';
import { storedTurn } from '../../src/services/chat/stored-turns.ts';
import { createTurnWatcher } from '../../src/services/chat/watch-turn.ts';

const CITATION: Citation = {
  index: 1,
  passage: {
    fileId: '0190a0a0-0000-7000-8000-000000000001',
    fileName: 'f.txt',
    text: 'text',
    page: 2,
    start: 0,
    end: 4,
    score: 0.5,
    denseRank: null,
    lexicalRank: 1,
    rerankScore: null,
  },
};

const message = (changes: object) => ({
  id: 'm',
  status: 'GENERATING',
  content: '',
  reasoning: null,
  segments: [],
  citations: null,
  degraded: null,
  finishReason: null,
  promptTokens: null,
  completionTokens: null,
  firstTokenMs: null,
  durationMs: null,
  cached: false,
  errorCode: null,
  ...changes,
});
const turn = (cursor: number, partialContent: string, assistantMessage: object) => ({
  cursor,
  partialContent,
  partialReasoning: '',
  partialSegments: [],
  assistantMessage: message(assistantMessage),
});

it('a turn that another server makes is not said to have looked anything up before it has', async () => {
  const found = { citations: [CITATION], degraded: 'late' };
  const states = [
    turn(1, '', {}),
    turn(2, '', found),
    turn(5, 'abc', found),
    turn(6, '', { ...found, status: 'COMPLETE', content: 'abc', promptTokens: 1, completionTokens: 1 }),
  ];
  const first = { ...turn(0, '', {}), id: 't', instanceId: 'another', journalKey: 1 };
  const prisma = { turn: { findUnique: async () => first } } as unknown as PrismaClient;
  const eventLog = createMemoryEventLog();
  onTestFinished(() => eventLog.dispose());
  // A second passes only once all that there is has been seen.
  const delay = async () => {
    for (let tick = 0; tick < 5; tick++) await new Promise((resolve) => setImmediate(resolve));
  };
  const load = async () => {
    const state = states.shift();
    return state ? storedTurn(state as never) : null;
  };
  const mirrors = createMirrors({ eventLog, journal: null, load, delay, logError: () => {} });
  const watcher = createTurnWatcher({ prisma, eventLog, instanceId: 'here', mirror: mirrors.open, delay });
  const seen: unknown[] = [];
  for await (const event of watcher.watch('u', 't', 0)) seen.push(event);
  expect(seen).toEqual([
    { type: 'turn-started', turnId: 't', cursor: 1 },
    { type: 'turn-retrieved', turnId: 't', cursor: 2, retrieved: found },
    { type: 'turn-delta', turnId: 't', cursor: 5, text: 'abc', offset: 0 },
    expect.objectContaining({ type: 'turn-ended', cursor: 6 }),
  ]);
  expect(mirrors.count()).toBe(0);
});

it('what is no list of citations is none', () => {
  expect(citationsOf({ citations: [CITATION] as never })).toEqual([CITATION]);
  for (const citations of [
    null,
    {},
    'x',
    [1],
    [{ index: 1 }],
    [{ ...CITATION, passage: { ...CITATION.passage, text: 3 } }],
  ])
    expect(citationsOf({ citations: citations as never })).toEqual([]);
});
