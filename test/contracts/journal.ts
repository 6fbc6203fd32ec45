import { describe, expect, it, onTestFinished } from 'vitest';
import type { Journal, JournalPart } from '../../src/ports/journal.ts';
import { createRandom } from '../support/random.ts';

/** Opens the journal of an instance; all that one call of the maker gives share what they write. */
export type OpenJournal = (instanceId: string, stillMine?: () => Promise<boolean>) => Journal | Promise<Journal>;

const text = (key: number, start: number, words: string): JournalPart => ({ type: 'text', key, start, text: words });

/** Collects what is heard of a turn; `next(n)` resolves when so many parts have come. */
function listen(journal: Journal, instanceId: string, key: number) {
  const parts: JournalPart[] = [];
  let check = () => {};
  const end = journal.follow(instanceId, key, (part) => {
    parts.push(part);
    check();
  });
  onTestFinished(end);
  const next = (count: number) =>
    new Promise<JournalPart[]>((resolve) => {
      check = () => {
        if (parts.length >= count) resolve(parts);
      };
      check();
    });
  return { parts, next, end };
}

/** What every journal holds to, between instances. */
export function describeJournal(name: string, create: () => OpenJournal | Promise<OpenJournal>): void {
  describe(`the journal ${name}`, () => {
    async function start() {
      const open = await create();
      const journal = async (instanceId: string, stillMine?: () => Promise<boolean>) => {
        const opened = await open(instanceId, stillMine);
        onTestFinished(() => opened.dispose());
        return opened;
      };
      return { journal };
    }

    it('tells what was said lately, and then what is said, of the turn that is asked for', async () => {
      const { journal } = await start();
      const owner = await journal('owner');
      const other = await journal('other');
      const before = [{ type: 'retrieved', key: 7, isStored: true } as const, text(7, 2, 'one '), text(8, 2, 'else')];
      expect(await owner.append(before)).toBe('written');
      const heard = listen(other, 'owner', 7);
      await heard.next(2);
      await owner.append([text(8, 6, 'where'), { type: 'reasoning', key: 7, start: 6, text: 'two' }]);
      await owner.append([{ type: 'ended', key: 7 }]);
      expect(await heard.next(4)).toEqual([
        { type: 'retrieved', key: 7, isStored: true },
        text(7, 2, 'one '),
        { type: 'reasoning', key: 7, start: 6, text: 'two' },
        { type: 'ended', key: 7 },
      ]);
    });

    it('tells several who follow, also two of one instance, and who stops hears no more', async () => {
      const { journal } = await start();
      const owner = await journal('owner');
      const other = await journal('other');
      const early = listen(other, 'owner', 1);
      const late = listen(other, 'owner', 1);
      const elsewhere = listen(await journal('third'), 'owner', 1);
      await owner.append([text(1, 2, 'a')]);
      for (const heard of [early, late, elsewhere]) expect(await heard.next(1)).toEqual([text(1, 2, 'a')]);
      early.end();
      await owner.append([text(1, 3, 'b')]);
      for (const heard of [late, elsewhere]) await heard.next(2);
      expect(early.parts).toHaveLength(1);
    });

    it('carries any text at any position unchanged', async () => {
      const { journal } = await start();
      const owner = await journal('owner');
      const heard = listen(await journal('other'), 'owner', 3);
      const random = createRandom(20261126);
      const alphabet = ['a', 'é', '漢', '😀', '\n', '\u0001', '👩‍👩‍👧‍👦', ' '];
      const sent: JournalPart[] = [];
      let start2 = 2;
      for (let index = 0; index < 60; index++) {
        const length = index === 30 ? 70_000 : Math.floor(random() * 200);
        let words = '';
        while (words.length < length) words += alphabet[Math.floor(random() * alphabet.length)];
        sent.push({ type: random() < 0.5 ? 'text' : 'reasoning', key: 3, start: start2, text: words });
        start2 += words.length + Math.floor(random() * 1_000_000);
      }
      for (let from = 0; from < sent.length; from += 7) await owner.append(sent.slice(from, from + 7));
      expect(await heard.next(sent.length)).toEqual(sent);
    });

    it('gives all of it to whoever seals it, also to a second one, until it is removed', async () => {
      const { journal } = await start();
      const owner = await journal('owner', async () => false);
      const other = await journal('other');
      const all: JournalPart[] = [];
      // The first part is written while the instance is its own.
      const first = await journal('owner');
      for (let index = 0; index < 700; index++) {
        const part = text(1 + (index % 3), 2 + index, `${index} `);
        all.push(part);
        expect(await first.append([part])).toBe('written');
      }
      expect(await other.seal('owner')).toEqual(all);
      expect(await (await journal('third')).seal('owner')).toEqual(all);
      // It was only frozen, and goes on: nothing of that is taken.
      expect(await owner.append([text(1, 900, 'too late')])).toBe('not-mine');
      expect(await other.seal('owner')).toEqual(all);
      await other.remove('owner');
      expect(await other.seal('owner')).toEqual([]);
      expect(await other.seal('never there')).toEqual([]);
    });

    it('begins anew for an instance that is still its own', async () => {
      const { journal } = await start();
      const owner = await journal('owner');
      const other = await journal('other');
      await owner.append([text(1, 2, 'lost ')]);
      await other.seal('owner');
      await other.remove('owner');
      expect(await owner.append([text(1, 7, 'kept')])).toBe('written');
      expect(await other.seal('owner')).toEqual([text(1, 7, 'kept')]);
    });

    it('knows how many instances read it', async () => {
      const { journal } = await start();
      const owner = await journal('owner');
      const other = await journal('other');
      expect(owner.readerCount()).toBe(0);
      listen(other, 'owner', 1);
      listen(other, 'owner', 2);
      await expect.poll(() => owner.readerCount()).toBe(1);
      listen(await journal('third'), 'owner', 1);
      await expect.poll(() => owner.readerCount()).toBe(2);
    });
  });
}
