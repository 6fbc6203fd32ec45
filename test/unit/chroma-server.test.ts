import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createChromaIndex } from '../../src/adapters/vectors/chroma-index.ts';
import type { ChromaEnd, ChromaProcess } from '../../src/adapters/vectors/chroma-process.ts';
import { createChromaServer } from '../../src/adapters/vectors/chroma-server.ts';
import { collectionName } from '../../src/adapters/vectors/chroma-spaces.ts';
import { forOlderGlibc } from '../../src/adapters/vectors/older-glibc.ts';
import { findServerBinary } from '../../src/adapters/vectors/server-binary.ts';
import { delay } from '../../src/util/delay.ts';

/** Processes that end as they are told. */
function scripted(ends: (ChromaEnd | 'runs')[]) {
  const pauses: number[] = [];
  const warnings: string[] = [];
  let starts = 0;
  const paused = Promise.withResolvers<void>();
  const server = createChromaServer({
    folder: '/nowhere',
    cacheFolder: '/nowhere',
    debug: () => {},
    warn: (message) => warnings.push(message),
    delay: async (milliseconds, signal) => {
      pauses.push(milliseconds);
      if (starts < ends.length) return;
      paused.resolve();
      await delay(60_000, signal);
    },
    start: async (): Promise<ChromaProcess> => {
      const end = ends[starts++] ?? 'runs';
      const ended = Promise.withResolvers<ChromaEnd>();
      if (end !== 'runs') ended.resolve(end);
      const stop = async () => ended.resolve({ type: 'ended', reason: 'SIGINT' });
      const ready = end === 'runs' ? Promise.resolve() : new Promise<void>(() => {});
      return {
        url: `http://127.0.0.1:${starts}`,
        pid: starts,
        ready,
        ended: ended.promise,
        stop,
        kill: () => void stop(),
      };
    },
  });
  onTestFinished(server.dispose);
  return { server, pauses, warnings, paused: paused.promise, starts: () => starts };
}

const ENDED: ChromaEnd = { type: 'ended', reason: 'SIGSEGV' };

describe('the supervision of Chroma', () => {
  it('waits through a failed start or two, with longer pauses', async () => {
    const { server, pauses, warnings } = scripted([ENDED, ENDED, 'runs']);
    expect(await server.url()).toBe('http://127.0.0.1:3');
    expect(pauses).toEqual([250, 500]);
    expect(warnings).toEqual(Array(2).fill('Chroma has ended (SIGSEGV). It is started again.'));
  });

  it('tries on, in longer and longer pauses up to a minute, and holds nobody up meanwhile', async () => {
    const { server, pauses, paused } = scripted(Array(12).fill(ENDED));
    await paused;
    expect(pauses).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000, 60_000]);
    await expect(server.url()).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      retryable: true,
      message: expect.stringContaining('12 times in a row'),
    });
  });

  it('does not try again where it cannot run, says once what to do, and searches go on without', async () => {
    const { server, warnings, starts } = scripted([{ type: 'impossible', reason: 'there is none for plan9-mips' }]);
    const message =
      "Chroma's server cannot run here: there is none for plan9-mips. Set CHROMA_URL to a Chroma server; until then files are searched by their words only.";
    await expect(server.url()).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: false, message });
    const index = createChromaIndex({ connect: server.url });
    onTestFinished(index.dispose);
    expect(await index.state()).toEqual({ status: 'DEGRADED', latencyMs: null, message });
    await expect(index.count({ scopeId: 'a', model: 'b' })).rejects.toMatchObject({ retryable: false, message });
    expect(warnings).toEqual([message]);
    expect(starts()).toBe(1);
  });

  it('lets go of a caller who does not wait for the start any longer', async () => {
    const { server, paused } = scripted([ENDED]);
    await paused;
    const waiting = server.url(AbortSignal.timeout(20));
    await expect(waiting).rejects.toThrow();
    await server.dispose();
    await expect(server.url()).rejects.toThrow('shutting down');
  });
});

describe('where the program of Chroma comes from', () => {
  it('says what is missing', () => {
    expect(() => findServerBinary('plan9-mips')).toThrow('there is none for plan9-mips');
    const foreign = process.platform === 'darwin' ? 'linux-arm64' : 'darwin-arm64';
    expect(() => findServerBinary(foreign)).toThrow('is not installed');
  });
});

describe.runIf(process.platform === 'linux')('a copy of it for older C libraries', () => {
  const read = () => readFile(findServerBinary(`${process.platform}-${process.arch}`));

  it('loads, differs in a few bytes, and is not changed by being made again', async () => {
    const original = await read();
    const kept = Buffer.from(original);
    const copy = forOlderGlibc(original);
    expect(original.equals(kept)).toBe(true);
    let different = 0;
    for (let index = 0; index < copy.length; index++) if (copy[index] !== original[index]) different++;
    expect(copy.length).toBe(original.length);
    expect(different).toBeGreaterThan(0);
    expect(different).toBeLessThan(40);
    expect(forOlderGlibc(copy).equals(copy)).toBe(true);
    const folder = await mkdtemp(join(tmpdir(), 'colloquy-copy-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, 'copy.node');
    await writeFile(path, copy);
    const program = `process.stdout.write(typeof require(${JSON.stringify(path)}).cli)`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', program]);
    expect(stdout).toBe('function');
  });

  it('is refused for what nobody has looked at', async () => {
    const original = await read();
    const changed = (change: (file: Buffer) => void) => {
      const file = Buffer.from(original);
      change(file);
      return () => forOlderGlibc(file);
    };
    expect(() => forOlderGlibc(Buffer.from('a text'))).toThrow('no 64-bit library');
    expect(() => forOlderGlibc(Buffer.alloc(0))).toThrow('no 64-bit library');
    expect(changed((file) => file.writeUInt8(1, 4))).toThrow('no 64-bit library');
    expect(changed((file) => file.writeUInt16LE(2, 0x10))).toThrow('no shared library');
    expect(changed((file) => file.writeUInt16LE(8, 0x12))).toThrow('unknown kind of processor');
    expect(changed((file) => file.writeUInt16LE(0, 0x3c))).toThrow('no table of dynamic symbols');
    expect(() => forOlderGlibc(original.subarray(0, 1_000_000))).toThrow();
    const renamed = changed((file) => {
      for (let at = file.indexOf('__isoc23_'); at >= 0; at = file.indexOf('__isoc23_', at + 1))
        file.write('__isoc29_', at);
    });
    expect(renamed).toThrow(/^it needs __isoc29_\w+ of GLIBC_2\.38$/);
  });
});

it('names collections within the rules of Chroma, each space its own', () => {
  const spaces = ['a', 'b'].flatMap((scopeId) => ['m', 'm\n', 'openai/ä🙂'].map((model) => ({ scopeId, model })));
  const names = spaces.map(collectionName);
  expect(new Set(names).size).toBe(6);
  for (const name of names) expect(name).toMatch(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/);
  expect(names).toEqual(spaces.map(collectionName));
});
