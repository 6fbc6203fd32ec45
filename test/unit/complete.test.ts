import { expect, test } from 'vitest';
import { complete } from '../../src/cli/complete.ts';
import { createProgram } from '../../src/cli/program.ts';
import { createShell } from '../../src/cli/shell.ts';

const program = createProgram(createShell(), '0.0.0');
const values = (...words: string[]) => complete(program, words).map(({ value }) => value);

test('commands, and what is below them', () => {
  expect(values('ke')).toEqual(['key']);
  expect(values('')).toEqual(expect.arrayContaining(['serve', 'doctor', 'prompt', 'help']));
  expect(values('')).not.toContain('complete');
  expect(values('key', 'd')).toEqual(['deactivate', 'delete']);
  expect(complete(program, ['prompt', 'resto'])).toEqual([
    { value: 'restore', description: 'go back: adds a revision equal to an older one' },
  ]);
});

test('options, and what may be given to them', () => {
  expect(values('serve', '--')).toEqual(expect.arrayContaining(['--host', '--port', '--workers', '--help']));
  expect(values('files', 'list', '--status', 'R')).toEqual(['READY']);
  expect(values('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  // The value of an option is no command.
  expect(values('key', 'list', '--url', 'key', '--js')).toEqual(['--json']);
});

test('nothing where a file may stand', () => {
  expect(values('files', 'upload', '')).toEqual([]);
  expect(values('nonsense', '--nothing')).toEqual([]);
});
