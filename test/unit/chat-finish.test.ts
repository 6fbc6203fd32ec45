import { describe, expect, it } from 'vitest';
import { createMemoryBus } from '../../src/adapters/bus/memory-bus.ts';
import { createMemoryEventLog } from '../../src/adapters/events/memory-event-log.ts';
import { createRateLimiter } from '../../src/adapters/limits/rate-limiter.ts';
import type { PrismaClient } from '../../src/generated/prisma/client.ts';
import { createAdmission } from '../../src/services/chat/admission.ts';
import { createChat } from '../../src/services/chat/chat.ts';
import { createId } from '../../src/util/ids.ts';

describe('the end of a turn', () => {
  it('waits for a database that is away for an hour: nobody else would close the turn', async () => {
    let refusals = 1_000;
    let ended: unknown[] | undefined;
    const prisma = {
      $queryRawUnsafe: async () => [{ scopes: null }],
      async $executeRawUnsafe(sql: string, ...values: unknown[]) {
        if (!sql.includes('WITH ended')) return 1;
        refusals -= 1;
        if (refusals > 0) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'P1001' });
        ended = values;
        return 1;
      },
    } as unknown as PrismaClient;
    const chat = createChat({
      prisma,
      eventLog: createMemoryEventLog(),
      journal: null,
      cache: null,
      bus: createMemoryBus(),
      instanceId: createId(),
      exclusiveDatabase: true,
      now: () => new Date(),
      createId,
      delay: async () => {},
      resolveModel: async () => 'openai/x',
      async *streamModel() {
        yield { type: 'text-delta', text: 'whole' };
        yield { type: 'finish', reason: 'stop', usage: null };
      },
      admission: createAdmission({
        limiter: createRateLimiter({ redis: null }),
        turnsPerMinute: 0,
        concurrentTurns: 0,
        tokensPerDay: 0,
        now: () => new Date(),
      }),
      searchScope: async () => ({ parts: [], named: false }),
      ground: async () => ({ citations: [], degraded: null }),
      createNonce: createId,
      systemPrompt: undefined,
      windowOf: () => null,
      fallbackModel: null,
      maxAnswerCharacters: 1_000,
      metrics: { ended: () => {}, closed: () => {} },
      guard: null,
      logError: () => {},
      warn: () => {},
    });
    const request = { turnKey: createId(), text: 'x', conversationId: null, parentId: null, model: null, options: {} };
    const turn = await chat.chat(createId(), request);
    await chat.ended(turn.userId, turn.id);
    expect(ended).toEqual(expect.arrayContaining([turn.id, 'COMPLETE', 'whole']));
  });
});
