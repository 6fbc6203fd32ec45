import { expect, test } from 'vitest';
import { readOptions, type WrittenOptions, writeOptions } from '../../../frontend/src/options/read-options.ts';

const BLANK = writeOptions({});
const read = (written: Partial<WrittenOptions>) => readOptions({ ...BLANK, ...written });

test('what is left blank is as the model has it', () => {
  expect(read({})).toEqual({ options: {}, faults: {} });
  expect(read({ temperature: '  ', stop: '\n\n', jsonSchema: ' \n' })).toEqual({ options: {}, faults: {} });
});

test('what has been read is written as it was', () => {
  const options = {
    temperature: 0.5,
    topP: 0.9,
    topK: 40,
    maxTokens: 4_000,
    seed: -7,
    stop: ['END', 'two\nlines'],
    jsonSchema: { type: 'object', properties: { a: { type: 'string' } } },
  };
  expect(readOptions(writeOptions(options))).toEqual({ options, faults: {} });
});

test.each([
  ['temperature', '0,5', 0.5],
  ['temperature', '.5', 0.5],
  ['temperature', '2', 2],
  ['temperature', '1.000', 1],
  ['maxTokens', '4000', 4_000],
  // As the hint beside the field has it, in one language or the other.
  ['maxTokens', '4,000', 4_000],
  ['maxTokens', '4.000', 4_000],
  ['maxTokens', '1 000 000', 1_000_000],
  ['maxTokens', '12’000', 12_000],
  ['seed', '-2.147.483.648', -2_147_483_648],
] as const)('%s %s is a number', (name, written, expected) => {
  expect(read({ [name]: written })).toEqual({ options: { [name]: expected }, faults: {} });
});

test.each([
  ['temperature', '2.1'],
  ['temperature', '-0.1'],
  ['temperature', 'warm'],
  ['temperature', '0,5,1'],
  ['topP', '1.01'],
  ['topK', '0'],
  ['topK', '1.5'],
  ['topK', '0x10'],
  ['maxTokens', '1e3'],
  ['maxTokens', '40.50'],
  ['maxTokens', '1000001'],
  ['seed', '2147483648'],
  ['seed', 'Infinity'],
] as const)('%s %s is none', (name, written) => {
  const { options, faults } = read({ [name]: written });
  expect(options).toEqual({});
  expect(Object.keys(faults)).toEqual([name]);
  expect(faults[name]).toMatch(/number from/);
});

test('stop texts are a line each, so many and so long', () => {
  expect(read({ stop: 'END\n\n two \\n lines' }).options.stop).toEqual(['END', ' two \n lines']);
  expect(read({ stop: 'a\nb\nc\nd\ne' }).faults.stop).toMatch(/4/);
  expect(read({ stop: 'x'.repeat(201) }).faults.stop).toMatch(/200/);
  expect(read({ stop: `${'x'.repeat(200)}\nb\nc\nd` }).faults).toEqual({});
});

test('a schema is an object in JSON; where it is not, the line is said', () => {
  expect(read({ jsonSchema: '{"type": "object"}' }).options.jsonSchema).toEqual({ type: 'object' });
  expect(read({ jsonSchema: '{\n  "type" "object"\n}' }).faults.jsonSchema).toContain('line 2');
  expect(read({ jsonSchema: '{' }).faults.jsonSchema).toMatch(/JSON/);
  for (const jsonSchema of ['[]', 'null', '3', '"text"'])
    expect(read({ jsonSchema }).faults.jsonSchema).toMatch(/object/);
  expect(read({ jsonSchema: JSON.stringify({ description: 'x'.repeat(50_000) }) }).faults.jsonSchema).toMatch(/50,000/);
});
