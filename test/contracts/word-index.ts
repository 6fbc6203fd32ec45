import { randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Sql, SqlRunner } from '../../src/ports/sql.ts';
import type { WordHit, WordIndex, WordQuery } from '../../src/ports/word-index.ts';
import { createMemoryWordIndex } from '../support/memory-word-index.ts';
import { createRandom } from '../support/random.ts';

/** Two instances over one database; the same one twice where there is none. */
export type OpenedWordIndex = {
  here: WordIndex;
  there: WordIndex;
  /** Undefined: it takes no part in transactions. */
  sql: Sql | undefined;
  close(): Promise<void>;
};

const NO_SQL: SqlRunner = { query: () => Promise.reject(new Error('There is no database.')) };

/** What every lexical index holds to. */
export function describeWordIndex(name: string, create: () => Promise<OpenedWordIndex>): void {
  describe(`the word index ${name}`, () => {
    async function open() {
      const opened = await create();
      onTestFinished(opened.close);
      const { here, there, sql } = opened;
      const write = <Result>(work: (runner: SqlRunner) => Promise<Result>) =>
        sql ? sql.transaction(work) : work(NO_SQL);
      const add = (scopeId: string, fileId: string, texts: string[], generation = 1) =>
        write(async (runner) => {
          await here.append(runner, { scopeId, fileId, generation, firstChunk: 0, texts });
          await here.publish(runner, scopeId, fileId, generation);
        });
      const find = async (text: string, scopeIds: string[], more: Partial<WordQuery> = {}) =>
        (await there.search({ text, scopeIds, limit: 10, ...more })).map(({ fileId, chunk }) => ({ fileId, chunk }));
      const mergeAll = async (scopeId: string) => {
        while (await here.merge(scopeId));
      };
      return { here, there, sql, write, add, find, mergeAll };
    }

    it('finds chunks once they are published, best first, with the share of the words that they have', async () => {
      const { here, there, write, find } = await open();
      const [scopeId, fileId] = [randomUUID(), randomUUID()];
      const part = { scopeId, fileId, generation: 1 };
      await write(async (runner) => {
        await here.append(runner, { ...part, firstChunk: 0, texts: ['Cats sleep.', 'Dogs bark at night.'] });
        await here.append(runner, { ...part, firstChunk: 2, texts: ['A dog and a cat sleep at night.'] });
      });
      expect(await find('sleeping cats', [scopeId])).toEqual([]);
      await write((runner) => here.publish(runner, scopeId, fileId, 1));
      const hits = await there.search({ text: 'a dog that sleeps', scopeIds: [scopeId], limit: 10 });
      expect(hits.map(({ chunk }) => chunk)).toEqual([2, 1, 0].toSorted((left, right) => order(hits, left, right)));
      expect(hits[0]).toMatchObject({ fileId, generation: 1, chunk: 2, matched: 1 });
      expect(hits[1]?.matched).toBeCloseTo(0.5, 9);
      expect(hits[0]?.score).toBeGreaterThan(hits[1]?.score ?? Number.POSITIVE_INFINITY);
      expect(await find('sleeping cats', [scopeId], { limit: 1 })).toEqual([{ fileId, chunk: 0 }]);
      const unknown = await there.search({ text: 'cats xylophone', scopeIds: [scopeId], limit: 1 });
      expect(unknown[0]?.matched).toBeLessThan(0.5);
    });

    it('replaces a generation by the one that is published, and keeps a later one that is being written', async () => {
      const { here, write, add, find, mergeAll } = await open();
      const [scopeId, fileId] = [randomUUID(), randomUUID()];
      await add(scopeId, fileId, ['apples', 'pears']);
      const append = (generation: number, text: string) =>
        write((runner) => here.append(runner, { scopeId, fileId, generation, firstChunk: 0, texts: [text] }));
      await append(2, 'plums');
      await append(3, 'cherries');
      expect(await find('apples plums cherries', [scopeId])).toEqual([{ fileId, chunk: 0 }]);
      await write((runner) => here.publish(runner, scopeId, fileId, 2));
      expect(await find('apples pears cherries', [scopeId])).toEqual([]);
      expect(await find('plums', [scopeId])).toEqual([{ fileId, chunk: 0 }]);
      await mergeAll(scopeId);
      await write((runner) => here.publish(runner, scopeId, fileId, 3));
      expect(await find('plums', [scopeId])).toEqual([]);
      expect(await find('cherries', [scopeId])).toEqual([{ fileId, chunk: 0 }]);
    });

    it('discards what was not published, and that alone', async () => {
      const { here, write, add, find } = await open();
      const [scopeId, fileId] = [randomUUID(), randomUUID()];
      await add(scopeId, fileId, ['apples']);
      const append = (generation: number, text: string) =>
        write((runner) => here.append(runner, { scopeId, fileId, generation, firstChunk: 0, texts: [text] }));
      await append(2, 'plums');
      await write((runner) => here.discard(runner, scopeId, fileId, 2));
      await write((runner) => here.discard(runner, scopeId, fileId, 1));
      expect(await find('apples', [scopeId])).toEqual([{ fileId, chunk: 0 }]);
      await append(2, 'grapes');
      await write((runner) => here.publish(runner, scopeId, fileId, 2));
      expect(await find('plums', [scopeId])).toEqual([]);
      expect(await find('grapes', [scopeId])).toEqual([{ fileId, chunk: 0 }]);
    });

    it('removes files and drops scopes at once, for all instances', async () => {
      const { here, write, add, find } = await open();
      const [scopeId, other, ...files] = Array.from({ length: 5 }, () => randomUUID()) as [string, string, ...string[]];
      for (const fileId of files) await add(scopeId, fileId, ['apples']);
      await add(other, files[0] as string, ['apples']);
      expect(await find('apples', [scopeId])).toHaveLength(3);
      await write((runner) => here.remove(runner, scopeId, files.slice(0, 2)));
      expect(await find('apples', [scopeId])).toEqual([{ fileId: files[2], chunk: 0 }]);
      await write((runner) => here.drop(runner, scopeId));
      expect(await find('apples', [scopeId])).toEqual([]);
      expect(await find('apples', [other])).toEqual([{ fileId: files[0], chunk: 0 }]);
      await add(scopeId, files[1] as string, ['apples again']);
      expect(await find('apples', [scopeId])).toEqual([{ fileId: files[1], chunk: 0 }]);
    });

    it('finds in the scopes and files that are asked for, and in no others', async () => {
      const { add, find } = await open();
      const scopes = Array.from({ length: 3 }, () => randomUUID());
      const files = scopes.map(() => randomUUID());
      for (const [at, scopeId] of scopes.entries()) {
        await add(scopeId, files[at] as string, ['secret apples', `secret ${at}`]);
        await add(scopeId, randomUUID(), ['nothing of the kind']);
      }
      for (const [at, scopeId] of scopes.entries()) {
        const hits = await find('secret apples', [scopeId]);
        expect(hits.map(({ fileId }) => fileId)).toEqual([files[at], files[at]]);
      }
      const both = await find('secret', scopes.slice(0, 2));
      expect(new Set(both.map(({ fileId }) => fileId))).toEqual(new Set(files.slice(0, 2)));
      expect(await find('secret', scopes, { fileIds: [files[1] as string] })).toHaveLength(2);
      expect(await find('secret', scopes.slice(0, 1), { fileIds: [files[1] as string] })).toEqual([]);
      expect(await find('secret', scopes, { fileIds: [] })).toEqual([]);
      expect(await find('secret', scopes, { fileIds: [randomUUID()] })).toEqual([]);
      expect(await find('secret', [])).toEqual([]);
      expect(await find('secret', [randomUUID()])).toEqual([]);
    });

    it('takes any question and any text', async () => {
      const { add, find } = await open();
      const [scopeId, fileId] = [randomUUID(), randomUUID()];
      const strange = ['', '\0', '\ud800 lone \udc00', '🦊🦊', '!!!', 'x'.repeat(200_000), 'to be or not to be'];
      await add(scopeId, fileId, [...strange, 'a needle', '黑猫在家']);
      await add(scopeId, randomUUID(), []);
      for (const text of [...strange.slice(0, 5), '…?', ' \n\t']) {
        expect(await find(text, [scopeId]), JSON.stringify(text)).toHaveLength(text.includes('lone') ? 1 : 0);
      }
      expect(await find(`${'hay '.repeat(50_000)} needle`, [scopeId])).toEqual([{ fileId, chunk: 7 }]);
      expect(await find(`needle ${'hay '.repeat(50_000)}`, [scopeId])).toEqual([{ fileId, chunk: 7 }]);
      expect(await find('needle\0', [scopeId])).toEqual([{ fileId, chunk: 7 }]);
      expect(await find('\udfffneedle\ud800', [scopeId])).toEqual([{ fileId, chunk: 7 }]);
      // Of stop words alone it is made of them; beside others they count for nothing.
      expect((await find('to be or not', [scopeId]))[0]).toEqual({ fileId, chunk: 6 });
      expect(await find('not the needle', [scopeId])).toEqual([{ fileId, chunk: 7 }]);
      expect(await find('猫', [scopeId])).toEqual([{ fileId, chunk: 8 }]);
      expect(await find('x'.repeat(200_000), [scopeId])).toEqual([{ fileId, chunk: 5 }]);
      expect(await find('needle', [scopeId], { limit: 0 })).toEqual([]);
    });

    it('is what a transaction makes of it, or what it was before', async () => {
      const { here, sql, add, find } = await open();
      if (!sql) return;
      const [scopeId, fileId, other] = [randomUUID(), randomUUID(), randomUUID()];
      await add(scopeId, fileId, ['apples']);
      const rolledBack = sql.transaction(async (runner) => {
        await here.append(runner, { scopeId, fileId: other, generation: 1, firstChunk: 0, texts: ['apples'] });
        await here.publish(runner, scopeId, other, 1);
        await here.remove(runner, scopeId, [fileId]);
        throw new Error('changed my mind');
      });
      await expect(rolledBack).rejects.toThrow('changed my mind');
      expect(await find('apples', [scopeId])).toEqual([{ fileId, chunk: 0 }]);
      const dropped = sql.transaction(async (runner) => {
        await here.drop(runner, scopeId);
        throw new Error('changed my mind');
      });
      await expect(dropped).rejects.toThrow('changed my mind');
      expect(await find('apples', [scopeId])).toEqual([{ fileId, chunk: 0 }]);
    });

    it('ends a search whose signal is aborted', async () => {
      const { there, add, sql } = await open();
      if (!sql) return;
      const scopeId = randomUUID();
      await add(scopeId, randomUUID(), ['apples']);
      const signal = AbortSignal.abort(new Error('left'));
      await expect(there.search({ text: 'apples', scopeIds: [scopeId], limit: 1, signal })).rejects.toThrow('left');
    });

    // Few chunks to a file, and so many that common words are stored by themselves.
    it.each([
      { chunks: 6, count: 40 },
      { chunks: 600, count: 9 },
    ])('finds exactly the same after merges, with up to $chunks chunks a file', async ({ chunks, count }) => {
      const { here, there, sql, add, write, mergeAll } = await open();
      if (!sql) return;
      const scopeId = randomUUID();
      const random = createRandom(7);
      const files = Array.from({ length: count }, () => randomUUID());
      for (const fileId of files) await add(scopeId, fileId, textsOf(random, Math.ceil((0.5 + random() / 2) * chunks)));
      await write((runner) =>
        here.remove(
          runner,
          scopeId,
          files.filter((_, at) => at % 3 === 0),
        ),
      );
      const questions = Array.from({ length: 20 }, () => textOf(random, 4));
      const ask = () => Promise.all(questions.map((text) => there.search({ text, scopeIds: [scopeId], limit: 1_000 })));
      const before = await ask();
      expect(before.flat().length).toBeGreaterThan(200);
      await mergeAll(scopeId);
      expect(await ask()).toEqual(before);
      expect(await sql.query('SELECT 1 AS segment FROM word_segments')).toHaveLength(1);
    });

    it.each([11, 12, 13])(
      'agrees with the definition while everything happens at once (seed %i)',
      async (seed) => {
        const { here, there, write } = await open();
        const reference = createMemoryWordIndex();
        const random = createRandom(seed);
        const pick = <Item>(items: Item[]) => items[Math.floor(random() * items.length)] as Item;
        const scopes = [randomUUID(), randomUUID()];
        const files = Array.from({ length: 12 }, () => ({
          scopeId: pick(scopes),
          fileId: randomUUID(),
          generation: 0,
        }));
        for (let round = 0; round < 14; round += 1) {
          const work: (() => Promise<unknown>)[] = [];
          // Each file at most once a round: two changes of one file are not at once.
          for (const file of files.filter(() => random() < 0.5)) {
            const { scopeId, fileId } = file;
            const kind = random();
            if (kind < 0.15) {
              await reference.remove(NO_SQL, scopeId, [fileId]);
              work.push(() => write((runner) => pick([here, there]).remove(runner, scopeId, [fileId])));
              continue;
            }
            file.generation += 1;
            const { generation } = file;
            const part = {
              scopeId,
              fileId,
              generation,
              firstChunk: 0,
              texts: textsOf(random, 1 + Math.floor(random() * 5)),
            };
            await reference.append(NO_SQL, part);
            const index = pick([here, there]);
            if (kind < 0.3) {
              await reference.discard(NO_SQL, scopeId, fileId, generation);
              work.push(async () => {
                await write((runner) => index.append(runner, part));
                await write((runner) => index.discard(runner, scopeId, fileId, generation));
              });
            } else {
              await reference.publish(NO_SQL, scopeId, fileId, generation);
              work.push(async () => {
                await write((runner) => index.append(runner, part));
                await write((runner) => index.publish(runner, scopeId, fileId, generation));
              });
            }
          }
          for (const scopeId of scopes) for (const index of [here, there]) work.push(() => index.merge(scopeId));
          const asked = { text: textOf(random, 3), scopeIds: scopes, limit: 1_000 };
          work.push(() => there.search(asked));
          await Promise.all(work.map((run) => run()));
          for (const scopeIds of [scopes, [pick(scopes)]]) {
            const query = { text: textOf(random, 1 + Math.floor(random() * 5)), scopeIds, limit: 1_000 };
            const expected = await reference.search(query);
            for (const index of [here, there]) expectSame(await index.search(query), expected);
          }
        }
      },
      60_000,
    );
  });
}

const WORDS = [
  'flow flows flowing wing wings pressure the of and boundary layer layers heat transfer supersonic body 1957 mach',
  'Übergang Straße größer Häuser Haus der die das año años niño перевод города городе',
  '黑豹队的防守 東京都に住む 서울에서 ภาษาไทยง่าย मौसम किताबें الكتاب والكتاب ΑΘΗΝΑ Αθήνα Việt Nam',
].flatMap((line) => line.split(' '));

/** A few words are everywhere, most are rare. */
function textOf(random: () => number, words: number): string {
  return Array.from({ length: words }, () => WORDS[Math.floor(random() ** 2 * WORDS.length)]).join(' ');
}

function textsOf(random: () => number, count: number): string[] {
  return Array.from({ length: count }, () => textOf(random, 1 + Math.floor(random() * 30)));
}

function order(hits: WordHit[], left: number, right: number): number {
  const scoreOf = (chunk: number) => hits.find((hit) => hit.chunk === chunk)?.score ?? 0;
  return scoreOf(right) - scoreOf(left);
}

function expectSame(found: WordHit[], expected: WordHit[]): void {
  const rounded = (hits: WordHit[]) =>
    hits
      .map(({ fileId, generation, chunk, score, matched }) => ({
        chunk: `${fileId} ${generation} ${chunk}`,
        score: score.toFixed(8),
        matched: matched.toFixed(8),
      }))
      .sort((left, right) => (left.chunk < right.chunk ? -1 : 1));
  expect(rounded(found)).toEqual(rounded(expected));
  for (const [at, hit] of found.entries()) {
    if (at > 0) expect(hit.score).toBeLessThanOrEqual(found[at - 1]?.score ?? 0);
  }
}
