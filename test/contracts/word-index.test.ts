import { randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createWordIndex } from '../../src/adapters/words/word-index.ts';
import type { Sql } from '../../src/ports/sql.ts';
import { createId } from '../../src/util/ids.ts';
import { createMemoryWordIndex } from '../support/memory-word-index.ts';
import { type Engine, openTestDatabase } from '../support/server.ts';
import { statementsOf } from '../support/statements.ts';
import { describeWordIndex } from './word-index.ts';

async function open(engine: Engine) {
  const { sql, dispose } = await openTestDatabase(engine);
  const options = { sql, createId, vacuum: engine === 'pglite' };
  const [here, there] = [createWordIndex(options), createWordIndex(options)];
  const close = async () => {
    await here.dispose();
    await there.dispose();
    await dispose();
  };
  return { here, there, sql, close };
}

describeWordIndex('in memory', async () => {
  const index = createMemoryWordIndex();
  return { here: index, there: index, sql: undefined, close: async () => {} };
});

describe.each<Engine>(['pglite', 'postgresql'])('on %s', (engine) => {
  describeWordIndex('in the database', () => open(engine));

  async function openIndex() {
    const opened = await open(engine);
    onTestFinished(opened.close);
    const { here, sql } = opened;
    const add = (scopeId: string, fileId: string, texts: string[]) =>
      sql.transaction(async (runner) => {
        await here.append(runner, { scopeId, fileId, generation: 1, firstChunk: 0, texts });
        await here.publish(runner, scopeId, fileId, 1);
      });
    const count = async (table: string) => {
      const [row] = await sql.query<{ count: number }>(`SELECT COUNT(*)::int AS count FROM ${table}`);
      return row?.count;
    };
    const rows = async () =>
      Promise.all(['word_scopes', 'word_segments', 'word_parts', 'word_blocks'].map((table) => count(table)));
    return { ...opened, add, rows };
  }

  it('keeps few segments, and leaves no row of what is gone', async () => {
    const { here, there, sql, add, rows } = await openIndex();
    const scopeId = randomUUID();
    const files = Array.from({ length: 30 }, () => randomUUID());
    for (const fileId of files) await add(scopeId, fileId, [`apples of ${fileId}`, 'pears']);
    expect((await rows())[1]).toBe(30);
    while (await here.merge(scopeId));
    expect((await rows()).slice(0, 3)).toEqual([1, 1, 30]);
    expect(await there.search({ text: 'apples', scopeIds: [scopeId], limit: 100 })).toHaveLength(30);
    await sql.transaction((runner) => here.remove(runner, scopeId, files.slice(1)));
    while (await here.merge(scopeId));
    expect((await rows()).slice(0, 3)).toEqual([1, 1, 1]);
    await sql.transaction((runner) => here.remove(runner, scopeId, files));
    while (await here.merge(scopeId));
    expect(await rows()).toEqual([0, 0, 0, 0]);
    await add(scopeId, files[0] as string, ['apples']);
    await sql.transaction((runner) => here.drop(runner, scopeId));
    while (await here.merge(scopeId));
    expect(await rows()).toEqual([0, 0, 0, 0]);
  });

  it('moves what is not published yet as it is, and what changes meanwhile as it has become', async () => {
    const { sql, there, add, rows } = await openIndex();
    const [scopeId, pending, discarded, late, removed] = Array.from({ length: 5 }, () => randomUUID()) as [
      string,
      string,
      string,
      string,
      string,
    ];
    for (const fileId of [randomUUID(), randomUUID(), removed]) await add(scopeId, fileId, ['apples']);
    for (const fileId of [pending, discarded, late]) {
      await sql.transaction((runner) =>
        there.append(runner, { scopeId, fileId, generation: 1, firstChunk: 0, texts: [`apples ${fileId}`] }),
      );
    }
    const find = async () =>
      (await there.search({ text: 'apples', scopeIds: [scopeId], limit: 10 })).map(({ fileId }) => fileId);
    // When the new segment is written, and just before it takes the place of the old ones.
    const change = () =>
      sql.transaction(async (runner) => {
        await there.publish(runner, scopeId, late, 1);
        await there.discard(runner, scopeId, discarded, 1);
        await there.remove(runner, scopeId, [removed]);
      });
    let changed: Promise<void> | undefined;
    const transaction: Sql['transaction'] = (work) => {
      changed ??= change();
      return changed.then(() => sql.transaction(work));
    };
    const merging = createWordIndex({
      createId,
      sql: { ...sql, transaction },
    });
    expect(await find()).toHaveLength(3);
    expect(await merging.merge(scopeId)).toBe(true);
    expect((await rows()).slice(1, 3)).toEqual([1, 4]);
    expect(await find()).toHaveLength(3);
    expect(await find()).toContain(late);
    await sql.transaction((runner) => there.publish(runner, scopeId, discarded, 1));
    expect(await find()).toHaveLength(3);
    await sql.transaction((runner) => there.publish(runner, scopeId, pending, 1));
    expect(await find()).toHaveLength(4);
    expect(await find()).toContain(pending);
    while (await merging.merge(scopeId));
    expect(await find()).toHaveLength(4);
    expect((await rows()).slice(1, 3)).toEqual([1, 4]);
  });

  it('writes over what merges have left, on the embedded database too', async () => {
    if (engine !== 'pglite') return;
    const { here, sql, add } = await openIndex();
    const scopeId = randomUUID();
    const size = async () => {
      const [row] = await sql.query<{ size: number }>(`SELECT pg_relation_size('word_blocks')::int AS size`);
      return row?.size ?? 0;
    };
    const fileId = randomUUID();
    const texts = Array.from({ length: 300 }, (_, at) => `words of chunk ${at} ${(at * 7_919).toString(36)}`);
    await add(scopeId, fileId, texts);
    const once = await size();
    for (let round = 0; round < 6; round += 1) {
      await sql.transaction((runner) => here.remove(runner, scopeId, [fileId]));
      while (await here.merge(scopeId));
      await add(scopeId, fileId, texts);
    }
    expect(await size()).toBeLessThan(once * 2);
  });

  it('goes on after a merge that died, and that one changes nothing any more', async () => {
    const { here, there, sql, add, rows } = await openIndex();
    const scopeId = randomUUID();
    for (let file = 0; file < 6; file += 1) await add(scopeId, randomUUID(), [`apples ${file}`]);
    // As it leaves the database: a lease that is over, and a segment half written.
    const dead = randomUUID();
    await sql.query(
      `UPDATE word_scopes SET merge_id = $2::uuid, merge_until = now() - interval '1 second' WHERE scope_id = $1::uuid`,
      [scopeId, dead],
    );
    const half = randomUUID();
    await sql.query(
      `INSERT INTO word_segments (id, scope_id, doc_count, buckets, lengths, large, merge_id)
       VALUES ($1::uuid, $2::uuid, 6, 1, '', '', $3::uuid)`,
      [half, scopeId, dead],
    );
    await sql.query(`INSERT INTO word_blocks (segment_id, key, data) VALUES ($1::uuid, 0, '')`, [half]);
    expect(await here.merge(scopeId)).toBe(false);
    expect((await rows()).slice(0, 3)).toEqual([1, 1, 6]);
    expect(await sql.query('SELECT 1 AS left FROM word_blocks WHERE segment_id = $1::uuid', [half])).toEqual([]);
    expect(await there.search({ text: 'apples', scopeIds: [scopeId], limit: 100 })).toHaveLength(6);
  });

  it('leaves a scope to the instance that merges it', async () => {
    const { here, there, sql, add, rows } = await openIndex();
    const scopeId = randomUUID();
    for (let file = 0; file < 6; file += 1) await add(scopeId, randomUUID(), [`apples ${file}`]);
    await sql.query(
      `UPDATE word_scopes SET merge_id = $2::uuid, merge_until = now() + interval '1 minute' WHERE scope_id = $1::uuid`,
      [scopeId, randomUUID()],
    );
    expect(await there.merge(scopeId)).toBe(false);
    expect((await rows())[1]).toBe(6);
    await sql.query('UPDATE word_scopes SET merge_id = NULL');
    await Promise.all([here.merge(scopeId), there.merge(scopeId)]);
    expect((await rows())[1]).toBe(1);
  });

  it('leaves everything as it was when a merge is aborted', async () => {
    const { here, add, rows } = await openIndex();
    const scopeId = randomUUID();
    for (let file = 0; file < 6; file += 1) await add(scopeId, randomUUID(), [`apples ${file}`]);
    const before = await rows();
    const controller = new AbortController();
    const merging = here.merge(scopeId, controller.signal);
    controller.abort();
    expect(await merging).toBe(true);
    expect((await rows())[2]).toBe(before[2]);
    expect(await here.merge(scopeId)).toBe(false);
    expect((await rows())[1]).toBe(1);
  });

  it('asks the database once for a question, however many words and scopes it has', async () => {
    const { here, add } = await openIndex();
    const scopes = Array.from({ length: 5 }, () => randomUUID());
    for (const scopeId of scopes) await add(scopeId, randomUUID(), ['the boundary layer of a wing in supersonic flow']);
    const search = (text: string) => here.search({ text, scopeIds: scopes, limit: 5 });
    await search('anything');
    const statements = await statementsOf(() => search('how does the layer behave in a supersonic flow'));
    expect(statements).toHaveLength(1);
    expect(await search('supersonic wings')).toHaveLength(5);
  });

  it('splits what is more than one segment holds', async () => {
    const { here, sql, add, rows } = await openIndex();
    const [scopeId, fileId] = [randomUUID(), randomUUID()];
    // Nearly all words are different: the bound on terms is met.
    let word = 0;
    const texts = Array.from({ length: 600 }, () =>
      Array.from({ length: 200 }, () => `w${(word++ * 7_919).toString(36)}x`).join(' '),
    );
    await add(scopeId, fileId, texts);
    expect((await rows())[1]).toBeGreaterThan(1);
    const [hit] = await here.search({ text: `w${(119_999 * 7_919).toString(36)}x`, scopeIds: [scopeId], limit: 1 });
    expect(hit).toMatchObject({ fileId, chunk: 599 });
    const [first] = await here.search({ text: 'w0x', scopeIds: [scopeId], limit: 1 });
    expect(first).toMatchObject({ fileId, chunk: 0 });
    expect(await sql.query('SELECT SUM(doc_count)::int AS documents FROM word_parts')).toEqual([{ documents: 600 }]);
  });
});
