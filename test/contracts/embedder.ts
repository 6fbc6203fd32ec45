import { describe, expect, it, onTestFinished } from 'vitest';
import type { EmbedderSettings } from '../../src/adapters/embeddings/batched-embedder.ts';
import type { Embedder } from '../../src/ports/embedder.ts';
import {
  bagOfWords,
  type EmbeddingsFault,
  type EmbeddingsScript,
  startScriptedEmbeddings,
} from '../support/scripted-embeddings.ts';
import type { ScriptedServer } from '../support/scripted-server.ts';

/** Attempts follow each other at once, and what is asked for is on record. */
export function recordedDelays() {
  const delays: number[] = [];
  const delay = async (milliseconds: number) => {
    delays.push(milliseconds);
  };
  return { delays, delay };
}

const inputsOf = (server: ScriptedServer) =>
  server.requests.map(({ body }) => [(body as { input: string | string[] }).input].flat());

function unit(values: number[]): number[] {
  const length = Math.hypot(...values);
  return values.map((value) => value / length);
}

/** What every embedder holds to, against a server that says and does what it is told. */
export function describeEmbedder(
  name: string,
  create: (server: ScriptedServer, settings: EmbedderSettings) => Embedder,
): void {
  describe(`the embedder of ${name}`, () => {
    async function open(script?: EmbeddingsScript, settings: EmbedderSettings = {}) {
      const server = await startScriptedEmbeddings(script ? { script } : {});
      onTestFinished(server.close);
      const { delays, delay } = recordedDelays();
      const embedder = create(server, { delay, random: () => 0.5, ...settings });
      return { server, embedder, delays };
    }

    /** Answers with these, one after the other; then well. */
    const inTurn = (faults: (EmbeddingsFault | undefined)[]): EmbeddingsScript => {
      const left = [...faults];
      return () => left.shift();
    };
    const failure = (call: Promise<unknown>) =>
      call.then(
        () => expect.unreachable('It was to fail.'),
        (error: Error) => error,
      );

    it('gives a vector of length 1 for each text, in order', async () => {
      const { embedder } = await open();
      const texts = ['cats sleep all day', 'dogs', 'dogs bark at cats at night', 'Hunde bellen'];
      const vectors = await embedder.embed(texts, 'document');
      expect(vectors).toHaveLength(4);
      for (const [index, text] of texts.entries()) {
        const expected = unit(bagOfWords(text));
        expect(Array.from(vectors[index] ?? []).map((value, place) => value - (expected[place] ?? 9))).toSatisfy(
          (differences: number[]) => differences.every((difference) => Math.abs(difference) < 1e-6),
        );
      }
      expect(await embedder.embed([], 'document')).toEqual([]);
    });

    it('asks in batches, bounded by number and by characters, in whatever order they come back', async () => {
      const { embedder, server } = await open();
      const long = 'word '.repeat(6_000);
      const texts = [...Array.from({ length: 100 }, (_, index) => `text${index}`), long, long, long, 'last'];
      const vectors = await embedder.embed(texts, 'document');
      const expected = unit(bagOfWords('text77'));
      expect(vectors[77]?.every((value, place) => Math.abs(value - (expected[place] ?? 9)) < 1e-6)).toBe(true);
      expect(vectors[103]?.findIndex((value) => value > 0.9)).toBe(bagOfWords('last').indexOf(1));
      const inputs = inputsOf(server);
      expect(inputs.length).toBeGreaterThan(3);
      for (const input of inputs) {
        expect(input.length).toBeLessThanOrEqual(128);
        expect(input.length === 1 || input.join('').length <= 200_000).toBe(true);
      }
      expect(inputs.flat()).toHaveLength(104);
    });

    it('gives blank texts a vector too, though providers refuse them', async () => {
      const { embedder } = await open((body) =>
        [body.input].flat().some((text) => text.trim() === '') ? { type: 'status', status: 400 } : undefined,
      );
      expect(await embedder.embed(['', ' \n', 'text'], 'document')).toHaveLength(3);
    });

    it('asks once for a question that comes again, and gives nobody what another may change', async () => {
      const { embedder, server } = await open();
      const [first] = await embedder.embed(['Who bit the cat?'], 'query');
      const kept = Float32Array.from(first ?? []);
      first?.fill(7);
      const [second, third] = await embedder.embed(['Who bit the cat?', 'And why?'], 'query');
      expect(second).toEqual(kept);
      expect(third).not.toEqual(kept);
      expect(inputsOf(server)).toEqual([['Who bit the cat?'], ['And why?']]);
      await embedder.embed(['Who bit the cat?'], 'document');
      expect(server.requests).toHaveLength(3);
    });

    it.each<[string, EmbeddingsFault]>([
      ['500', { type: 'status', status: 500 }],
      ['503', { type: 'status', status: 503 }],
      ['a connection cut before the answer', { type: 'cut', after: 'nothing' }],
      ['a connection cut in the answer', { type: 'cut', after: 'half' }],
      ['an answer that is no JSON', { type: 'text', text: '<html>' }],
      ['an answer without vectors', { type: 'text', text: '{"object":"list"}' }],
      ['null', { type: 'text', text: 'null' }],
      ['too few vectors', { type: 'vectors', vectors: [[1, 0]] }],
      ['too many vectors', { type: 'vectors', vectors: [[1], [1], [1]] }],
      [
        'vectors of different lengths',
        {
          type: 'vectors',
          vectors: [
            [1, 0],
            [1, 0, 0],
          ],
        },
      ],
      [
        'a vector of zeros',
        {
          type: 'vectors',
          vectors: [
            [1, 0],
            [0, 0],
          ],
        },
      ],
      ['NaN', { type: 'text', text: '{"embeddings":[[NaN,1],[1,0]],"data":[]}' }],
      [
        'null for a number',
        {
          type: 'vectors',
          vectors: [
            [1, 0],
            [null, 1],
          ],
        },
      ],
      [
        'a number too large',
        {
          type: 'vectors',
          vectors: [
            [1, 0],
            [1e300, 1],
          ],
        },
      ],
      ['no vector for one', { type: 'vectors', vectors: [[1, 0], null] }],
      ['an empty vector', { type: 'vectors', vectors: [[1, 0], []] }],
    ])('tries again after %s, and says what it was if it stays so', async (_fault, fault) => {
      const once = await open(inTurn([fault, fault]));
      expect(await once.embedder.embed(['one', 'two'], 'document')).toHaveLength(2);
      expect(once.delays).toEqual([187.5, 375]);
      const always = await open(() => fault, { documents: { retries: 1 } });
      const error = await failure(always.embedder.embed(['one', 'two'], 'document'));
      expect(error).toMatchObject({ code: 'PROVIDER_UNAVAILABLE', retryable: true });
      expect(error.message).not.toMatch(/upstream|127\.0\.0\.1|sk-/);
      expect(always.server.requests).toHaveLength(2);
    });

    it('does not try again where it makes no sense: credentials, unknown models, refused requests', async () => {
      const statuses = [
        [401, 'PROVIDER_UNAVAILABLE', "refused the server's credentials"],
        [404, 'PROVIDER_UNAVAILABLE', 'has no model'],
        [400, 'BAD_USER_INPUT', 'refused the request'],
      ] as const;
      for (const [status, code, message] of statuses) {
        const { embedder, server } = await open(() => ({ type: 'status', status }));
        const error = await failure(embedder.embed(['one'], 'document'));
        expect(error).toMatchObject({ code, retryable: false, message: expect.stringContaining(message) });
        expect(error.message).not.toMatch(/upstream|127\.0\.0\.1|sk-/);
        expect(server.requests).toHaveLength(1);
      }
    });

    it('waits as long as a busy provider says, if that is not too long', async () => {
      const busy = (seconds: string): EmbeddingsFault => ({
        type: 'status',
        status: 429,
        headers: { 'retry-after': seconds },
      });
      const document = await open(inTurn([busy('7')]));
      expect(await document.embedder.embed(['one'], 'document')).toHaveLength(1);
      expect(document.delays).toEqual([7_000]);
      const question = await open(inTurn([busy('7')]));
      const error = await failure(question.embedder.embed(['one'], 'query'));
      expect(error).toMatchObject({ code: 'RATE_LIMITED', retryable: true, retryAfterSeconds: 7 });
      expect(question.server.requests).toHaveLength(1);
    });

    it('gives up at its deadline, and lets go of the connection', async () => {
      const { embedder, server } = await open(() => ({ type: 'silent' }), { queries: { deadlineMs: 100, retries: 0 } });
      const error = await failure(embedder.embed(['one'], 'query'));
      expect(error).toMatchObject({ code: 'PROVIDER_UNAVAILABLE', retryable: true });
      expect((await server.requests[0]?.whenClosed)?.aborted).toBe(true);
    });

    it('ends at once for a caller who leaves, with his reason', async () => {
      const { embedder, server } = await open(() => ({ type: 'silent' }));
      const controller = new AbortController();
      const leaving = failure(embedder.embed(['one'], 'document', controller.signal));
      const [request] = await server.whenRequests(1);
      controller.abort(new Error('left'));
      expect((await leaving).message).toBe('left');
      expect((await request?.whenClosed)?.aborted).toBe(true);
      await expect(embedder.embed(['one'], 'query', controller.signal)).rejects.toThrow('left');
      expect(server.requests).toHaveLength(1);
    });

    it('leaves a dead provider alone, and tries it again later', async () => {
      let dead = true;
      const script: EmbeddingsScript = () => (dead ? { type: 'status', status: 500 } : undefined);
      const settings = { queries: { retries: 0 }, breaker: { failures: 2, openMs: 200 } };
      const { embedder, server } = await open(script, settings);
      await failure(embedder.embed(['one'], 'query'));
      await failure(embedder.embed(['two'], 'query'));
      const error = await failure(embedder.embed(['three'], 'query'));
      expect(error).toMatchObject({ code: 'PROVIDER_UNAVAILABLE', retryable: true });
      expect(error.message).toContain('left alone for a moment');
      expect(server.requests).toHaveLength(2);
      dead = false;
      await expect.poll(() => embedder.embed(['four'], 'query').catch(() => []), { timeout: 5_000 }).toHaveLength(1);
      expect(server.requests).toHaveLength(3);
    });

    it('asks for few files at a time, and for questions meanwhile', async () => {
      const { embedder, server } = await open((body) =>
        [body.input].flat().some((text) => text.includes('part')) ? { type: 'silent' } : undefined,
      );
      const controller = new AbortController();
      const texts = Array.from({ length: 600 }, (_, index) => `part ${index}`);
      const files = failure(embedder.embed(texts, 'document', controller.signal));
      await server.whenRequests(2);
      expect(await embedder.embed(['question'], 'query')).toHaveLength(1);
      expect(server.requests).toHaveLength(3);
      controller.abort(new Error('left'));
      await files;
    });

    it.each([
      [400, { error: { message: "This model's maximum context length is 8192 tokens, however you requested 9000" } }],
      [500, { error: { message: 'input is too large to process. increase the physical batch size' } }],
      [413, 'Payload too large'],
      [422, { error: 'batch size 64 > maximum allowed batch size 32', error_type: 'Validation' }],
      [400, { error: 'the input length exceeds the context length' }],
    ])('asks for less where that was too much (%i)', async (status, body) => {
      const most = { texts: 5, characters: 300 };
      const { embedder, server } = await open(({ input }) => {
        const texts = [input].flat();
        const tooMuch = texts.length > most.texts || texts.some((text) => text.length > most.characters);
        return tooMuch ? { type: 'status', status, body } : undefined;
      });
      const texts = [...Array.from({ length: 20 }, (_, index) => `short${index}`), `begin${' middle'.repeat(200)}`];
      const vectors = await embedder.embed(texts, 'document');
      expect(vectors).toHaveLength(21);
      expect(vectors[13]?.findIndex((value) => value > 0.9)).toBe(bagOfWords('short13').indexOf(1));
      expect(vectors[20]?.[bagOfWords('begin').indexOf(1)]).toBeGreaterThan(0);
      const cut = inputsOf(server)
        .flat()
        .filter((text) => text.startsWith('begin'));
      expect(cut.at(-1)?.length).toBeGreaterThan(100);
      const never = await open(() => ({ type: 'status', status, body }));
      expect(await failure(never.embedder.embed(texts, 'document'))).toMatchObject({ code: 'PROVIDER_UNAVAILABLE' });
    });
  });
}
