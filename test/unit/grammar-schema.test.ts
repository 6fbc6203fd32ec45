import { expect, it } from 'vitest';
import { grammarSchema } from '../../src/adapters/models/llama/process/grammar-schema.ts';

const text = { type: 'string' };

it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
  ['leaves out what says nothing', { $schema: 'x', title: 'T', description: 'd', default: 1, type: 'string' }, text],
  ['takes anyOf for oneOf', { anyOf: [text, { type: 'null' }] }, { oneOf: [text, { type: 'null' }] }],
  ['takes a type with a fixed value', { type: 'string', const: 'a' }, { const: 'a' }],
  ['takes a type with a choice', { type: 'string', enum: ['a', 'b'] }, { enum: ['a', 'b'] }],
  [
    'keeps several plain types',
    { type: ['string', 'null'], maxLength: 3 },
    { oneOf: [{ type: 'string', maxLength: 3 }, { type: 'null' }] },
  ],
  ['keeps several types without words', { type: ['integer', 'null'] }, { type: ['integer', 'null'] }],
  ['knows an object by its properties', { properties: { a: text } }, { type: 'object', properties: { a: text } }],
  [
    'goes into everything',
    {
      type: 'object',
      required: ['a'],
      additionalProperties: false,
      properties: { a: { type: 'array', items: { $ref: '#/$defs/x' }, maxItems: 3 } },
      $defs: { x: { title: 'X', anyOf: [text, { type: 'number' }] } },
    },
    {
      type: 'object',
      additionalProperties: false,
      properties: { a: { type: 'array', items: { $ref: '#/$defs/x' }, maxItems: 3 } },
      $defs: { x: { oneOf: [text, { type: 'number' }] } },
    },
  ],
  [
    'passes over the bounds of every number',
    { type: 'integer', minimum: -9007199254740991, maximum: 9007199254740991 },
    { type: 'integer' },
  ],
])('%s', (_name, schema, expected) => {
  expect(grammarSchema(schema)).toEqual(expected);
});

it.each<[string, unknown]>([
  ['"pattern"', { type: 'string', pattern: '^a$' }],
  ['"minimum"', { type: 'integer', minimum: 1 }],
  ['"not"', { not: text }],
  ['"allOf"', { type: 'object', allOf: [text] }],
  ['format "email"', { type: 'string', format: 'email' }],
  ['"$ref"', { $ref: '#/nowhere' }],
  ['"frob" is no type', { type: 'frob' }],
  ['has no type', {}],
  ['plain values', { const: { a: 1 } }],
  ['"oneOf" is no list', { oneOf: {} }],
  ['"anyOf" is no list', { anyOf: [] }],
  ['"enum" is empty', { enum: [] }],
  ['"#/$defs/gone" is not defined', { type: 'array', items: { $ref: '#/$defs/gone' }, $defs: { there: text } }],
  ['"required" asks for "b"', { type: 'object', properties: { a: text }, required: ['a', 'b'] }],
  ['"minProperties" asks for more', { type: 'object', properties: { a: text }, minProperties: 2 }],
  ['no object', true],
  ['no object', { type: 'array', items: [] }],
])('refuses a schema with %s', (reason, schema) => {
  expect(() => grammarSchema(schema)).toThrow(reason);
});

it('refuses a schema without an end', () => {
  const schema: Record<string, unknown> = { type: 'array' };
  schema.items = schema;
  expect(() => grammarSchema(schema)).toThrow('nested too deeply');
});
