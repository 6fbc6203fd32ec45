import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import type { FileStore } from '../../src/ports/file-store.ts';

export type FileStoreBench = {
  store: FileStore;
  /** How many there are now, of files and of what has not become one. */
  count(): Promise<{ kept: number; incoming: number }>;
  /** Lets so much time pass. */
  pass(milliseconds: number): void;
};

const HOUR = 3_600_000;
const NONE = { kept: 0, incoming: 0 };

/** What every store of files holds to. */
export function describeFileStore(name: string, create: () => Promise<FileStoreBench>): void {
  describe(`the file store ${name}`, () => {
    const bytes = randomBytes(300_000);
    const options = { maxBytes: 1_000_000 };
    const inPieces = (content: Buffer, size = 10_000) =>
      Readable.from(
        Array.from({ length: Math.ceil(content.length / size) }, (_, index) =>
          content.subarray(index * size, (index + 1) * size),
        ),
        { objectMode: false },
      );

    async function read(store: FileStore, id: string, range?: { start: number; end: number }) {
      const opened = await store.open(id, range);
      return opened && { bytes: await buffer(opened.stream), size: opened.size };
    }

    it('keeps what it receives, counts and hashes it', async () => {
      const { store, count } = await create();
      const upload = await store.receive(inPieces(bytes), options);
      expect(upload).toMatchObject({ size: 300_000, sha256: createHash('sha256').update(bytes).digest('hex') });
      expect(await count()).toEqual({ kept: 0, incoming: 1 });
      const id = randomUUID();
      await store.keep(upload, id);
      expect(await count()).toEqual({ kept: 1, incoming: 0 });
      expect(await read(store, id)).toEqual({ bytes, size: 300_000 });
      expect(await read(store, id.toUpperCase())).toEqual({ bytes, size: 300_000 });
      // Too late, and without effect.
      await store.discard(upload);
      expect(await read(store, id, { start: 299_990, end: 300_000 })).toEqual({
        bytes: bytes.subarray(299_990),
        size: 300_000,
      });
      expect((await read(store, id, { start: 0, end: 1 }))?.bytes).toEqual(bytes.subarray(0, 1));
      await store.remove(id);
      await store.remove(id);
      expect(await read(store, id)).toBeNull();
      expect(await count()).toEqual(NONE);
    });

    it('receives nothing at all as nothing, and forgets on demand', async () => {
      const { store, count } = await create();
      const upload = await store.receive(Readable.from([]), options);
      expect(upload.size).toBe(0);
      await store.discard(upload);
      await store.discard(upload);
      expect(await count()).toEqual(NONE);
    });

    it('takes as much as is allowed, and not a byte more', async () => {
      const { store, count } = await create();
      await store.discard(await store.receive(inPieces(bytes), { maxBytes: 300_000 }));
      const tooLarge = store.receive(inPieces(bytes), { maxBytes: 299_999 });
      await expect(tooLarge).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
      const source = inPieces(bytes);
      await expect(store.receive(source, { maxBytes: 100_000 })).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
      expect(source.destroyed).toBe(false);
      expect(await count()).toEqual(NONE);
    });

    it('leaves nothing of a source that fails, or ends before its end', async () => {
      const { store, count } = await create();
      for (const end of [
        (source: PassThrough) => source.destroy(new Error('cut')),
        (source: PassThrough) => source.destroy(),
      ]) {
        const source = new PassThrough();
        const received = store.receive(source, options);
        source.write(bytes);
        setImmediate(() => end(source));
        await expect(received).rejects.toThrow();
        expect(await count()).toEqual(NONE);
      }
    });

    it('ends with the reason of the signal, also when nothing comes any more', async () => {
      const { store, count } = await create();
      const source = new PassThrough();
      const controller = new AbortController();
      const received = store.receive(source, { ...options, signal: controller.signal });
      source.write(bytes);
      const reason = new Error('enough');
      setImmediate(() => controller.abort(reason));
      await expect(received).rejects.toBe(reason);
      expect(source.destroyed).toBe(false);
      await expect(store.receive(inPieces(bytes), { ...options, signal: controller.signal })).rejects.toBe(reason);
      expect(await count()).toEqual(NONE);
    });

    it('receives many at once', async () => {
      const { store, count } = await create();
      const uploads = await Promise.all(
        Array.from({ length: 20 }, (_, index) => store.receive(inPieces(Buffer.alloc(50_000, index)), options)),
      );
      expect(new Set(uploads.map(({ id }) => id)).size).toBe(20);
      expect(new Set(uploads.map(({ sha256 }) => sha256)).size).toBe(20);
      expect(await count()).toEqual({ kept: 0, incoming: 20 });
    });

    it.each(['../escaped', '', '.', 'incoming', '/etc/passwd', `${randomUUID()}/x`, `${randomUUID()}\0`])(
      'takes no other name than an id: %j',
      async (id) => {
        const { store } = await create();
        const upload = await store.receive(inPieces(bytes), options);
        await expect((async () => store.pathOf(id))()).rejects.toThrow(TypeError);
        await expect((async () => store.keep(upload, id))()).rejects.toThrow(TypeError);
        await expect((async () => store.open(id))()).rejects.toThrow(TypeError);
        await expect((async () => store.remove(id))()).rejects.toThrow(TypeError);
      },
    );

    it('sweeps what nobody came for and what belongs to nobody, when it is old enough', async () => {
      const { store, count, pass } = await create();
      const [known, orphan] = [randomUUID(), randomUUID()];
      for (const id of [known, orphan]) await store.keep(await store.receive(inPieces(bytes), options), id);
      await store.receive(inPieces(bytes), options);
      const asked: string[] = [];
      const exists = async (ids: string[]) => {
        asked.push(...ids);
        return new Set([known]);
      };
      expect(await store.sweep(exists)).toBe(0);
      expect(await count()).toEqual({ kept: 2, incoming: 1 });
      pass(HOUR + 60_000);
      expect(await store.sweep(exists)).toBe(2);
      expect(new Set(asked)).toEqual(new Set([known, orphan]));
      expect(await count()).toEqual({ kept: 1, incoming: 0 });
      expect(await read(store, known)).not.toBeNull();
      expect(await store.sweep(async () => Promise.reject(new Error('down'))).catch(String)).toBe('Error: down');
      expect(await count()).toEqual({ kept: 1, incoming: 0 });
    });

    it('has nothing to sweep before anything was received', async () => {
      const { store } = await create();
      expect(await store.sweep(async () => new Set())).toBe(0);
      expect(await store.open(randomUUID())).toBeNull();
    });
  });
}
