import { describe, expect, it, onTestFinished } from 'vitest';
import type { Bus } from '../../src/ports/bus.ts';

/** What every bus holds to, between two connections to it (the same one twice, for a bus of one process). */
export function describeBus(name: string, create: () => Promise<{ here: Bus; there: Bus }>): void {
  describe(`the bus ${name}`, () => {
    async function open() {
      const buses = await create();
      onTestFinished(async () => {
        await buses.here.dispose();
        await buses.there.dispose();
      });
      return buses;
    }

    /** Collects messages; `next(n)` resolves when so many have come. */
    function collect<Message>() {
      const messages: Message[] = [];
      let check = () => {};
      return {
        messages,
        listener: (message: Message) => {
          messages.push(message);
          check();
        },
        next: (count: number) =>
          new Promise<Message[]>((resolve) => {
            check = () => {
              if (messages.length >= count) resolve(messages);
            };
            check();
          }),
      };
    }

    it('carries messages in order to every listener of the topic and key, and to no other', async () => {
      const { here, there } = await open();
      const mine = collect<{ conversationId: string }>();
      const also = collect<{ conversationId: string }>();
      const others = collect<{ conversationId: string }>();
      there.subscribe('conversation-changed', 'user', mine.listener);
      here.subscribe('conversation-changed', 'user', also.listener);
      there.subscribe('conversation-changed', 'another user', others.listener);
      await there.settled();
      for (const conversationId of ['1', '2', '3']) here.publish('conversation-changed', 'user', { conversationId });
      here.publish('conversation-changed', 'another user', { conversationId: '4' });
      const inOrder = [{ conversationId: '1' }, { conversationId: '2' }, { conversationId: '3' }];
      expect(await mine.next(3)).toEqual(inOrder);
      expect(await also.next(3)).toEqual(inOrder);
      expect(await others.next(1)).toEqual([{ conversationId: '4' }]);
    });

    it('stops when the subscription is ended, also from within a listener', async () => {
      const { here, there } = await open();
      const seen = collect<unknown>();
      const end = there.subscribe('turn-stop', 'turn', (message) => {
        seen.listener(message);
        end();
      });
      const witness = collect<unknown>();
      there.subscribe('turn-stop', 'turn', witness.listener);
      await there.settled();
      here.publish('turn-stop', 'turn', { turnId: '1' });
      here.publish('turn-stop', 'turn', { turnId: '1' });
      await witness.next(2);
      expect(seen.messages).toHaveLength(1);
      end();
    });

    it('hears again what it has left and subscribed anew at once', async () => {
      const { here, there } = await open();
      const seen = collect<unknown>();
      for (let round = 0; round < 20; round++) there.subscribe('turn-stop', 'turn', () => {})();
      there.subscribe('turn-stop', 'turn', seen.listener);
      await there.settled();
      here.publish('turn-stop', 'turn', { turnId: '1' });
      expect(await seen.next(1)).toHaveLength(1);
    });

    it('calls a listener that is subscribed twice twice, and one whose neighbour has left still', async () => {
      const { here, there } = await open();
      const seen = collect<unknown>();
      const first = there.subscribe('conversation-deleted', 'user', seen.listener);
      there.subscribe('conversation-deleted', 'user', seen.listener);
      await there.settled();
      here.publish('conversation-deleted', 'user', { conversationId: '1' });
      await seen.next(2);
      first();
      first();
      here.publish('conversation-deleted', 'user', { conversationId: '2' });
      await seen.next(3);
      here.publish('conversation-deleted', 'user', { conversationId: '3' });
      expect(await seen.next(4)).toHaveLength(4);
    });
  });
}
