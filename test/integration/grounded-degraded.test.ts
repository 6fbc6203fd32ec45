import { beforeEach, describe, expect, it } from 'vitest';
import { failure } from '../support/errors.ts';
import { CHAT, createGroundedWorld, embedder, isRewrite, STOP, TURN } from '../support/grounded-world.ts';
import { createTopicEmbedder, seedFile } from '../support/seeded-files.ts';
import { type Data, type Engine, lent, startTestServer, subscribe } from '../support/server.ts';

describe.each<Engine>(['pglite', 'postgresql'])('what helps a search, and what fails in it, on %s', (engine) => {
  const world = createGroundedWorld(engine);
  const { input, send, events, told, bodies } = world;

  describe('with vectors', () => {
    beforeEach(async () => {
      const chunks = ['An automobile needs a new engine every ten years.', 'The guarantee covers rust.'];
      await seedFile(world.server, world.user, { name: 'cars.txt', chunks, embedder }, world.vectors);
    });
    const car = { text: 'Where can I read about my car?' };

    it('finds by meaning what shares no word, beside files that have no vectors', async () => {
      const byMeaning = await send(car);
      expect(byMeaning.assistantMessage.citations[0].passage).toMatchObject({
        fileName: 'cars.txt',
        denseRank: 1,
        lexicalRank: null,
      });
      const both = await send();
      const names = both.assistantMessage.citations.map(({ passage }: Data) => passage.fileName);
      expect(new Set(names)).toEqual(new Set(['terms.pdf', 'cars.txt']));
    });

    it('answers from the words where the vectors fail, and says so for ever', async () => {
      world.vectors.fault = new Error('Chroma is down');
      const seen = await events('ws', CHAT, { input: input() });
      expect(seen[1]?.degraded).toMatch(/by meaning did not/);
      expect(seen[1]?.citations[0].passage.text).toContain('two years');
      expect(seen.at(-1)).toMatchObject({ __typename: 'TurnFinished', message: { degraded: seen[1]?.degraded } });
      const id = seen[0]?.turn.id;
      const again = await startTestServer({
        overrides: { database: lent(world.server.app.database) },
      });
      expect((await events('ws', TURN, { id, after: 0 }, again))[1]).toEqual(seen[1]);
      const { assistantMessage } = await send(car);
      expect(assistantMessage).toMatchObject({ status: 'COMPLETE', content: 'Two years [1].', citations: [] });
    });

    it('does not wait for vectors that never come', async () => {
      const impatient = await startTestServer({
        openAiUrl: world.upstream.url,
        environment: { DEFAULT_MODEL: 'openai/scripted' },
        overrides: {
          database: lent(world.server.app.database),
          knowledge: { vectors: world.vectors, embedderFor: () => embedder, retrievalLimits: { vectorsMs: 20 } },
        },
      });
      world.vectors.fault = 'hangs';
      const seen = await events('sse', CHAT, { input: input() }, impatient);
      expect(seen[1]?.degraded).toMatch(/by meaning did not/);
      expect(seen[1]?.citations).not.toEqual([]);
      expect(seen.at(-1)?.__typename).toBe('TurnFinished');
    });

    it('says which files no model can be asked for any more', async () => {
      const gone = createTopicEmbedder('openai/gone', [['warranty']]);
      await seedFile(
        world.server,
        world.user,
        { chunks: ['The warranty of the oven is void.'], embedder: gone },
        world.vectors,
      );
      const seen = await events('ws', CHAT, { input: input({ text: 'Is the warranty of the oven void?' }) });
      expect(seen[1]?.degraded).toContain('openai/gone');
      expect(seen[1]?.citations.map(({ passage }: Data) => passage.text).join()).toContain('oven');
    });

    it('is stopped while it looks things up, and asks no model', async () => {
      world.vectors.fault = 'hangs';
      const asked = bodies().length;
      const seen: Data[] = [];
      for await (const { data } of subscribe(world.server, 'ws', world.user.token, CHAT, { input: input() })) {
        const event = Object.values(data ?? {})[0] as Data;
        seen.push(event);
        if (event.__typename !== 'TurnStarted') continue;
        const stopped = await world.server.data(STOP, { id: event.turn.id }, world.user.token);
        expect(stopped.stopTurn.status).toBe('STOPPED');
      }
      expect(seen.map(({ __typename, cursor }) => [__typename, cursor])).toEqual([
        ['TurnStarted', 1],
        ['TurnRetrieved', 2],
        ['TurnFinished', 3],
      ]);
      expect(seen[1]).toMatchObject({ citations: [], degraded: null });
      expect(seen[2]?.message).toMatchObject({ status: 'STOPPED', content: '', citations: [] });
      expect(bodies()).toHaveLength(asked);
    });
  });

  it('a search that is down altogether leaves the answer without files, and says so', async () => {
    const words = { search: async () => Promise.reject(new Error('no index')), dispose: async () => {} } as never;
    const broken = await startTestServer({
      openAiUrl: world.upstream.url,
      environment: { DEFAULT_MODEL: 'openai/scripted' },
      overrides: { database: lent(world.server.app.database), knowledge: { words } },
    });
    const seen = await events('ws', CHAT, { input: input() }, broken);
    expect(seen[1]).toMatchObject({ citations: [], degraded: expect.stringContaining('could not be searched') });
    expect(seen.at(-1)?.message).toMatchObject({ status: 'COMPLETE', content: 'Two years [1].' });
    const found = await broken.request('{ search(input: { text: "warranty" }) { text } }', {}, world.user.token);
    expect(failure(found).code).toBe('UNAVAILABLE');
  });

  it('a question that follows another is looked up as one that stands alone', async () => {
    await seedFile(world.server, world.user, {
      name: 'mixer.txt',
      chunks: ['The mixer has a warranty of nine years.'],
    });
    const first = await send();
    world.helpers.rewrite = 'How long is the warranty of the mixer?';
    const conversationId = first.conversation.id;
    const next = await send({ conversationId, text: 'And of the other one?' });
    expect(next.assistantMessage.citations[0].passage.fileName).toBe('mixer.txt');
    expect(told().endsWith('Question: And of the other one?')).toBe(true);
    const rewriting = bodies().filter(isRewrite);
    expect(rewriting).toHaveLength(1);
    // The first prompt had nothing before it, and one that stands alone needs no help.
    await send({ conversationId, text: 'Within how many working days do deliveries of kettles arrive?' });
    expect(bodies().filter(isRewrite)).toHaveLength(1);
    // No question came back: the one before helps.
    world.helpers.rewrite = 'Certainly!\nHere it is.';
    const last = await send({ conversationId, text: 'and why?' });
    expect(last.assistantMessage.citations.length).toBeGreaterThan(0);
  });

  it('a model puts the passages into order where that is asked for; without an answer they stay as they were', async () => {
    world.helpers.rerank = '{"scores":[{"id":1,"score":0},{"id":2,"score":9},{"id":3,"score":4}]}';
    const chunks = [
      'warranty warranty warranty',
      'something else',
      'The warranty is long.',
      'more',
      'warranty of kettle',
    ];
    const own = await seedFile(world.server, world.user, { name: 'r.txt', chunks });
    const retrieval = { fileIds: [own], rerank: true };
    const plain = (await send({ retrieval: { fileIds: [own] } })).assistantMessage.citations;
    const { citations } = (await send({ retrieval })).assistantMessage;
    // What scores nothing is not told.
    expect(citations.map(({ passage }: Data) => passage.rerankScore)).toEqual([0.9, 0.4]);
    expect(citations[0].passage.text).toBe(plain[1].passage.text);
    world.helpers.rerank = 'I would rather not.';
    const seen = await events('ws', CHAT, { input: input({ retrieval }) });
    expect(seen[1]?.degraded).toMatch(/in the order of the search/);
    expect(seen[1]?.citations.map(({ passage }: Data) => passage.text)).toEqual(
      plain.slice(0, 3).map(({ passage }: Data) => passage.text),
    );
  });
});
