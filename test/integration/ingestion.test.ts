import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/errors.ts';
import { createIngestionWorld, type IngestionWorld } from '../support/ingestion-world.ts';
import { retryAtOnce, until } from '../support/jobs.ts';
import { manySections, textSection } from '../support/knowledge-fakes.ts';
import type { Engine } from '../support/server.ts';

/** Its chunks are the text, in order and without a gap, of one generation. */
async function expectWhole(world: IngestionWorld, id: string, text: string, generation = 1): Promise<number> {
  const chunks = await world.chunksOf(id);
  expect(new Set(chunks.map((chunk) => chunk.generation))).toEqual(new Set([generation]));
  expect(chunks.map(({ index }) => index)).toEqual(chunks.map((_, index) => index));
  expect(chunks.map((chunk) => chunk.text).join('')).toBe(text);
  let end = 0;
  for (const chunk of chunks) {
    expect(chunk.start).toBe(end);
    end = chunk.end;
  }
  expect(await world.wordsOf(id)).toEqual({ [generation]: chunks.length });
  return chunks.length;
}

async function expectNothing(world: IngestionWorld, id: string): Promise<void> {
  expect(await world.chunksOf(id)).toEqual([]);
  expect(await world.wordsOf(id)).toEqual({});
  expect(world.vectors.of(id)).toEqual({});
}

const joined = (sections: { text: string }[]) => sections.map(({ text }) => text).join('');

describe.each<Engine>(['pglite', 'postgresql'])('reading files on %s', (engine) => {
  it('makes a file READY and searchable, in one step, by its text, headings and name', async () => {
    const world = await createIngestionWorld(engine, { embeds: true });
    await world.startWorker();
    const gate = Promise.withResolvers<void>();
    const text = 'Chapter one\n\nThe albatross flies far.\n\n';
    const id = await world.addFile(async function* () {
      const blocks = [
        { type: 'heading' as const, level: 1, start: 0, end: 11 },
        { type: 'paragraph' as const, start: 13, end: 37 },
      ];
      yield { type: 'section', section: { text, page: 1, blocks } };
      yield { type: 'section', section: textSection('A second\0 page.', 2) };
      await gate.promise;
    }, 'field_notes-2026.txt');
    await world.fileWhen(id, ({ status }) => status === 'PROCESSING');
    expect(await world.find('albatross')).toEqual([]);
    gate.resolve();
    expect(await world.settled(id)).toEqual({
      status: 'READY',
      progress: 1,
      error: null,
      attempts: 1,
      generation: 1,
      liveGeneration: 1,
      chunkCount: 2,
      textLength: text.length + 15,
      pageCount: 2,
      embeddingModel: 'ollama/fake',
    });
    // What the database cannot hold is replaced, one for one.
    await expectWhole(world, id, `${text}A second\ufffd page.`);
    expect((await world.chunksOf(id)).map(({ page }) => page)).toEqual([1, 2]);
    expect(world.vectors.of(id)).toEqual({ 1: 2 });
    expect(world.embedding.texts[0]).toBe(`Chapter one\n${text}`);
    for (const word of ['albatross', 'chapter', 'field', '2026']) expect(await world.find(word)).toEqual([id]);
  });

  it('reads large files in several transactions, tells how far it has come, and merges what is searched', async () => {
    const world = await createIngestionWorld(engine);
    const sections = manySections(12);
    const told: number[] = [];
    const id = await world.addFile(sections);
    const end = world.bus.subscribe('file-changed', id, () => {
      void world.fileRow(id).then(({ progress }) => told.push(progress));
    });
    await world.startWorker();
    const row = await world.settled(id);
    end();
    expect(row).toMatchObject({ status: 'READY', textLength: joined(sections).length });
    expect(await expectWhole(world, id, joined(sections))).toBe(row.chunkCount);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    expect(await world.find('word11x3')).toEqual([id]);
    await until(async () => (await world.sender.pending('merge-words', [world.userId])).size === 0);
  });

  it('keeps a file searchable as it was while it is read anew', async () => {
    const world = await createIngestionWorld(engine, { embeds: true });
    await world.startWorker();
    const id = await world.addFile([textSection('The albatross.')]);
    await world.settled(id);
    const gate = Promise.withResolvers<void>();
    world.reader.contents.set(id, async function* () {
      yield { type: 'section', section: textSection('The penguin. '.repeat(200)) };
      await gate.promise;
    });
    expect(await world.reindex({ collectionId: null, all: false })).toBe(0);
    expect(await world.reindex({ collectionId: null, all: true })).toBe(1);
    await world.fileWhen(id, ({ status }) => status === 'PROCESSING');
    expect(await world.find('albatross')).toEqual([id]);
    gate.resolve();
    expect(await world.settled(id)).toMatchObject({ status: 'READY', generation: 2, liveGeneration: 2 });
    const count = await expectWhole(world, id, 'The penguin. '.repeat(200), 2);
    expect(await world.find('albatross')).toEqual([]);
    expect(await world.find('penguin')).toEqual([id]);
    await until(async () => (await world.sender.pending('ingest-file', [id])).size === 0);
    expect(world.vectors.of(id)).toEqual({ 2: count });
  });

  it('orders anew what was embedded with another model, or not at all', async () => {
    const world = await createIngestionWorld(engine, { embeds: true });
    await world.startWorker();
    const ids = [await world.addFile([textSection('One.')]), await world.addFile([textSection('Two.')])];
    for (const id of ids) await world.settled(id);
    await world.sql.query('UPDATE files SET embedding_model = $2 WHERE id = $1', [ids[0], 'openai/older']);
    expect(await world.reindex({ collectionId: ids[1] ?? '', all: true })).toBe(0);
    expect(await world.reindex({ collectionId: null, all: false })).toBe(1);
    expect(await world.settled(ids[0] ?? '')).toMatchObject({ generation: 2, embeddingModel: 'ollama/fake' });
    expect(await world.fileRow(ids[1] ?? '')).toMatchObject({ generation: 1 });
  });

  it('says at once why a file cannot be read, and leaves nothing of it', async () => {
    const world = await createIngestionWorld(engine, { embeds: true });
    await world.startWorker();
    const sections = manySections(5);
    const message = 'This file is damaged.';
    const damaged = await world.addFile(async function* () {
      for (const section of sections) yield { type: 'section', section };
      throw new AppError({ code: 'UNSUPPORTED_MEDIA_TYPE', message });
    });
    expect(await world.settled(damaged)).toMatchObject({
      status: 'FAILED',
      error: message,
      attempts: 1,
      chunkCount: 0,
    });
    const empty = await world.addFile([textSection(' \n ')]);
    expect((await world.settled(empty)).error).toMatch(/^There is no text in this file\./);
    await until(async () => (await world.sender.stats()).failed === 2);
    await expectNothing(world, damaged);
    // Nor does the room that its words took.
    await until(async () => (await world.sql.query('SELECT FROM word_segments LIMIT 1')).length === 0);
    expect(world.errors).toEqual([]);

    // Read anew, it can go well.
    world.reader.contents.set(damaged, [textSection('The albatross.')]);
    await world.reindex({ collectionId: null, all: true });
    expect(await world.fileWhen(damaged, ({ status }) => status === 'READY')).toMatchObject({
      error: null,
      attempts: 1,
    });
    expect(await world.find('albatross')).toEqual([damaged]);
  });

  it('tries again after a passing fault, without anything twice', async () => {
    const world = await createIngestionWorld(engine, { embeds: true });
    await retryAtOnce(world.sql);
    await world.startWorker();
    const sections = manySections(5);
    let attempts = 0;
    const id = await world.addFile(async function* () {
      attempts += 1;
      for (const section of sections) yield { type: 'section', section };
      if (attempts === 1) throw new Error('a passing fault');
    });
    const row = await world.fileWhen(id, ({ status }) => status === 'READY');
    expect(row).toMatchObject({ attempts: 2, error: null });
    const count = await expectWhole(world, id, joined(sections));
    expect(world.vectors.of(id)).toEqual({ 1: count });
  });

  it('gives a file up after the last attempt, with a sentence for a person and a line in the log', async () => {
    const world = await createIngestionWorld(engine);
    await retryAtOnce(world.sql);
    await world.startWorker();
    const fault = new Error('secret detail in /etc');
    const id = await world.addFile(fault);
    const { error, attempts } = await world.fileWhen(id, ({ status }) => status === 'FAILED');
    expect(error).toBe(
      'The server could not read this file because of a fault of its own. Try again; if that fails as well, its log says why.',
    );
    expect(attempts).toBe(3);
    expect(world.errors).toEqual([fault]);
    await expectNothing(world, id);
  });

  it('goes without vectors where the model does not answer to the last, and at once where it never will', async () => {
    const world = await createIngestionWorld(engine, { embeds: true });
    await retryAtOnce(world.sql);
    await world.startWorker();
    world.embedding.fault = new AppError({ code: 'PROVIDER_UNAVAILABLE', message: 'Down.', retryable: true });
    const id = await world.addFile([textSection('The albatross.')]);
    expect(await world.fileWhen(id, ({ status }) => status === 'READY')).toMatchObject({
      attempts: 3,
      embeddingModel: null,
    });
    world.embedding.fault = new AppError({ code: 'PROVIDER_UNAVAILABLE', message: 'No such model.' });
    const other = await world.addFile([textSection('The albatross, too.')]);
    expect(await world.settled(other)).toMatchObject({ status: 'READY', attempts: 1, embeddingModel: null });
    expect(new Set(await world.find('albatross'))).toEqual(new Set([id, other]));
    expect(world.warnings).toHaveLength(2);
    // Once it is there: what has no vectors gets them.
    world.embedding.fault = null;
    expect(await world.reindex({ collectionId: null, all: false })).toBe(2);
    const again = await world.fileWhen(id, (row) => row.generation === 2 && row.status === 'READY');
    expect(again.embeddingModel).toBe('ollama/fake');
  });
});

describe.each<Engine>(['pglite', 'postgresql'])('what happens in the middle, on %s', (engine) => {
  /** Is read up to a gate, with some of it stored already. */
  function gated(sections = manySections(5)) {
    const reached = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    async function* content() {
      for (const section of sections) yield { type: 'section' as const, section };
      reached.resolve();
      await gate.promise;
      for (const section of sections) yield { type: 'section' as const, section };
    }
    return { content, reached: reached.promise, open: gate.resolve, sections };
  }

  it('a deletion leaves nothing behind', async () => {
    const world = await createIngestionWorld(engine, { embeds: true });
    await world.startWorker();
    const { content, reached, open } = gated();
    const id = await world.addFile(content);
    await reached;
    expect((await world.chunksOf(id)).length).toBeGreaterThan(0);
    await world.deleteFile(id);
    await until(async () => (await world.sender.pending('purge-file', [id])).size === 0);
    open();
    await until(async () => (await world.sender.pending('ingest-file', [id])).size === 0);
    await expectNothing(world, id);
    expect(world.removed).toEqual([id]);
    expect(world.errors).toEqual([]);
    expect(await world.sender.stats()).toMatchObject({ failed: 0, retried: 0 });
  });

  it('the deletion of all that is searched with it leaves not even an empty space', async () => {
    const world = await createIngestionWorld(engine, { embeds: true });
    await world.startWorker();
    const { content, reached, open } = gated();
    const id = await world.addFile(content);
    await reached;
    await world.sql.query('DELETE FROM vector_spaces WHERE scope_id = $1', [world.userId]);
    await world.deleteFile(id);
    open();
    await until(async () => (await world.sender.pending('ingest-file', [id])).size === 0);
    await until(async () => world.vectors.spaces.size === 0);
  });

  it('a newer generation takes over, and nothing of the older one is left', async () => {
    const world = await createIngestionWorld(engine, { embeds: true });
    await world.startWorker();
    const { content, reached, open } = gated();
    const id = await world.addFile(content);
    await reached;
    world.reader.contents.set(id, [textSection('The penguin.')]);
    await world.sql.transaction(async (runner) => {
      await runner.query(`UPDATE files SET generation = 2, status = 'QUEUED', attempts = 0 WHERE id = $1`, [id]);
      await world.sender.enqueue(runner, 'ingest-file', [{ fileId: id, generation: 2 }]);
    });
    open();
    expect(await world.settled(id)).toMatchObject({ status: 'READY', liveGeneration: 2, attempts: 1 });
    await until(async () => (await world.sender.pending('ingest-file', [id])).size === 0);
    await expectWhole(world, id, 'The penguin.', 2);
    expect(world.vectors.of(id)).toEqual({ 2: 1 });
  });

  it('a worker that was taken for dead writes nothing more once another one has the file', async () => {
    const world = await createIngestionWorld(engine, { embeds: true });
    const first = await world.startWorker();
    const { content, reached, open } = gated();
    const id = await world.addFile(content);
    await reached;
    // Its job is taken from it, as when it had been silent for too long.
    await world.sql.query(`UPDATE pgboss.job SET heartbeat_on = now() - interval '16 s' WHERE state = 'active'`);
    world.reader.contents.set(id, [textSection('The penguin.')]);
    await world.sql.query(
      `UPDATE pgboss.job SET state = 'retry', heartbeat_on = NULL, start_after = now() WHERE state = 'active'`,
    );
    await world.startWorker({ exclusive: false });
    expect(await world.settled(id)).toMatchObject({ status: 'READY', attempts: 2 });
    open();
    await first.queue.dispose(10_000);
    await expectWhole(world, id, 'The penguin.');
    expect(world.vectors.of(id)).toMatchObject({ 1: expect.any(Number) });
    expect((await world.fileRow(id)).status).toBe('READY');
  });

  it('a server that ends gives the file back, and the next one reads all of it', async () => {
    const world = await createIngestionWorld(engine);
    const first = await world.startWorker();
    const sections = manySections(5);
    const begun = Promise.withResolvers<void>();
    const id = await world.addFile(async function* (signal) {
      for (const section of sections) yield { type: 'section', section };
      begun.resolve();
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    });
    await begun.promise;
    world.reader.contents.set(id, sections);
    await first.queue.dispose(0);
    expect(await world.fileRow(id)).toMatchObject({ status: 'QUEUED', error: null });
    const next = await world.startWorker();
    await world.settled(id);
    await expectWhole(world, id, joined(sections));
    await until(async () => (await next.queue.stats()).completed === 1);
    expect(await next.queue.stats()).toMatchObject({ failed: 0, retried: 0 });
  });
});

describe.each<Engine>(['pglite', 'postgresql'])('what is left outside the database, on %s', (engine) => {
  it('goes as soon as it can', async () => {
    const world = await createIngestionWorld(engine, { embeds: true });
    await retryAtOnce(world.sql);
    await world.startWorker();
    const ids = [await world.addFile([textSection('One.')]), await world.addFile([textSection('Two.')])];
    for (const id of ids) await world.settled(id);
    world.vectors.state.fault = new AppError({ code: 'UNAVAILABLE', message: 'Down.', retryable: true });
    await world.deleteFile(ids[0] ?? '');
    await until(async () => world.removed.length > 1);
    expect(world.vectors.of(ids[0] ?? '')).toEqual({ 1: 1 });
    world.vectors.state.fault = null;
    await until(async () => (await world.sender.pending('purge-file', ids)).size === 0);
    expect(world.vectors.of(ids[0] ?? '')).toEqual({});
    expect(world.vectors.of(ids[1] ?? '')).toEqual({ 1: 1 });

    const models = [world.embedder.model];
    await world.sender.enqueue(world.sql, 'purge-scope', [{ scopeId: world.userId, models }]);
    await until(async () => world.vectors.spaces.size === 0);
  });
});

describe.each<Engine>(['pglite', 'postgresql'])('files that no job is about, on %s', (engine) => {
  it('get one when a server starts, or are given up after too many attempts', async () => {
    const world = await createIngestionWorld(engine);
    const lost = await world.addFile([textSection('The albatross.')]);
    const poisonous = await world.addFile([textSection('The adder.')]);
    const waiting = await world.addFile([textSection('The heron.')]);
    await world.sql.query(`DELETE FROM pgboss.job WHERE singleton_key = ANY($1::text[])`, [[lost, poisonous]]);
    await world.sql.query(`UPDATE files SET status = 'PROCESSING' WHERE id = $1`, [lost]);
    await world.sql.query(`UPDATE files SET status = 'PROCESSING', attempts = 3 WHERE id = $1`, [poisonous]);
    await world.startWorker();
    expect(await world.settled(lost)).toMatchObject({ status: 'READY' });
    expect(await world.settled(waiting)).toMatchObject({ status: 'READY', attempts: 1 });
    const given = await world.settled(poisonous);
    expect(given).toMatchObject({ status: 'FAILED', attempts: 3 });
    expect(given.error).toMatch(/^The server ended several times while it read this file/);
    expect(world.reader.reads).not.toContain(poisonous);
  });
});
