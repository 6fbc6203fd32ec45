import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { parseArguments } from '../../scripts/schema-engine/arguments.ts';
import type { Engine } from '../../scripts/schema-engine/engine.ts';
import { serve } from '../../scripts/schema-engine/protocol.ts';

describe('parseArguments', () => {
  test('reads what the Prisma CLI says', () => {
    const words = ['--datamodels', 'a.prisma', '--datamodels', 'b.prisma', '--datasource', '{"url":"pglite:"}'];
    expect(parseArguments(words)).toEqual({ command: 'serve', schemaFiles: ['a.prisma', 'b.prisma'], url: 'pglite:' });
  });

  test('skips flags that it does not know, with their values', () => {
    const words = ['--extension-types', '[]', '--datasource', '{"url":"x"}', 'cli', 'can-connect-to-database'];
    expect(parseArguments(words)).toMatchObject({ command: 'can-connect-to-database', url: 'x' });
  });

  test('--version needs nothing else; an unknown command is refused', () => {
    expect(parseArguments(['--version']).command).toBe('version');
    expect(() => parseArguments(['cli', 'format-disk'])).toThrow('no command format-disk');
  });
});

async function converse(engine: () => Promise<Engine>, ...requests: object[]): Promise<unknown[]> {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const answered = text(output);
  input.end(requests.map((request) => `${JSON.stringify(request)}\n`).join(''));
  await serve(input, output, engine);
  output.end();
  return (await answered)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe('serve', () => {
  test('answers in order, prints what a diff has to say, and closes', async () => {
    let closed = 0;
    const open = async (): Promise<Engine> => ({
      call: async (method) => (method === 'diff' ? { exitCode: 0, stdout: 'SQL' } : { method }),
      close: async () => {
        closed += 1;
      },
    });
    const diff = { id: 1, method: 'diff' };
    expect(await converse(open, diff, { id: 1_000_001, result: {} }, { id: 2, method: 'getDatabaseVersion' })).toEqual([
      { jsonrpc: '2.0', id: 1_000_001, method: 'print', params: { content: 'SQL' } },
      { jsonrpc: '2.0', id: 1, result: { exitCode: 0, stdout: 'SQL' } },
      { jsonrpc: '2.0', id: 2, result: { method: 'getDatabaseVersion' } },
    ]);
    expect(closed).toBe(1);
  });

  test('a failure is the answer of the request that it happened in, also when nothing could be opened', async () => {
    const open = async () => Promise.reject(Object.assign(new Error('in use'), { code: 'P1001' }));
    expect(await converse(open, { id: 1, method: 'diff' })).toEqual([
      expect.objectContaining({
        id: 1,
        error: expect.objectContaining({
          code: 4466,
          data: { is_panic: false, message: 'in use', error_code: 'P1001', meta: null },
        }),
      }),
    ]);
  });
});
