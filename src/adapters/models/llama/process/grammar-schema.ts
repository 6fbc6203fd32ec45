import { Refusal } from '../refusal.ts';

type Schema = Record<string, unknown>;

/** They say nothing of what is valid. */
const REMARKS = new Set([
  '$schema',
  '$id',
  '$comment',
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
]);
/** What of each kind the grammar can hold the answer to; `required` needs nothing: it always writes all that is named. */
const KEYWORDS: Record<string, Set<string>> = {
  string: new Set(['minLength', 'maxLength', 'format']),
  object: new Set(['properties', 'required', 'additionalProperties', 'minProperties', 'maxProperties']),
  array: new Set(['items', 'prefixItems', 'minItems', 'maxItems']),
  number: new Set(),
  integer: new Set(),
  boolean: new Set(),
  null: new Set(),
};
const FORMATS = new Set(['date', 'time', 'date-time']);
const MOST_DEPTH = 64;

/**
 * The schema in the words of the grammar's maker, which passes over what it does not know. Throws Refusal for what the
 * answer could not be held to.
 */
export function grammarSchema(schema: unknown, depth = 0): Schema {
  if (depth > MOST_DEPTH) throw refusal('it is nested too deeply');
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema))
    throw refusal('a part of it is no object');
  const said = Object.fromEntries(
    Object.entries(schema).filter(([keyword, value]) => !REMARKS.has(keyword) && !saysNothing(keyword, value)),
  );
  const { $defs, ...own } = said;
  const definitions = $defs === undefined ? {} : { $defs: mapped($defs, depth) };
  return { ...translate(own, depth), ...definitions };
}

/** Makers of schemas write down the bounds that every number has. */
function saysNothing(keyword: string, value: unknown): boolean {
  const isBound = keyword === 'minimum' || keyword === 'maximum';
  return isBound && typeof value === 'number' && Math.abs(value) >= Number.MAX_SAFE_INTEGER;
}

function translate(schema: Schema, depth: number): Schema {
  if ('$ref' in schema) {
    const { $ref, ...others } = schema;
    if (typeof $ref !== 'string' || !$ref.startsWith('#/$defs/')) throw refusal(`"$ref" must begin with #/$defs/`);
    only(others, new Set());
    return { $ref };
  }
  if ('const' in schema) return plain(schema, 'const');
  if ('enum' in schema) return plain(schema, 'enum');
  for (const keyword of ['oneOf', 'anyOf']) {
    const choices = schema[keyword];
    if (choices === undefined) continue;
    const { [keyword]: _choices, ...others } = schema;
    only(others, new Set());
    if (!Array.isArray(choices)) throw refusal(`"${keyword}" is no list`);
    // Of alternatives that overlap the first one that fits is written, which fits all of them that it has to.
    return { oneOf: choices.map((choice) => grammarSchema(choice, depth + 1)) };
  }
  return typed(schema, depth);
}

/** `const` and `enum`, whose type says nothing more. */
function plain({ type: _type, ...schema }: Schema, keyword: string): Schema {
  const { [keyword]: value, ...others } = schema;
  only(others, new Set());
  const values = keyword === 'enum' ? value : [value];
  if (!Array.isArray(values) || values.some((item) => typeof item === 'object' && item !== null)) {
    throw refusal(`"${keyword}" must be of plain values`);
  }
  return { [keyword]: value };
}

function typed({ type, ...schema }: Schema, depth: number): Schema {
  if (Array.isArray(type)) {
    if (Object.keys(schema).length === 0 && type.every((one) => KEYWORDS[String(one)]?.size === 0)) return { type };
    return { oneOf: type.map((one) => grammarSchema({ ...keywordsOf(String(one), schema), type: one }, depth + 1)) };
  }
  const kind = type ?? ('properties' in schema ? 'object' : 'items' in schema ? 'array' : undefined);
  const known = KEYWORDS[String(kind)];
  if (kind === undefined) only(schema, new Set());
  if (!known) throw refusal(kind === undefined ? 'a part of it has no type' : `"${String(kind)}" is no type`);
  only(schema, known);
  if (kind === 'string' && 'format' in schema && !FORMATS.has(String(schema.format))) {
    throw refusal(`the format "${String(schema.format)}" cannot be held to`);
  }
  const { properties, additionalProperties, items, prefixItems, required: _required, ...bounds } = schema;
  return {
    type: kind,
    ...bounds,
    ...(properties !== undefined && { properties: mapped(properties, depth) }),
    ...(additionalProperties !== undefined && {
      additionalProperties:
        typeof additionalProperties === 'boolean'
          ? additionalProperties
          : grammarSchema(additionalProperties, depth + 1),
    }),
    ...(items !== undefined && { items: grammarSchema(items, depth + 1) }),
    ...(Array.isArray(prefixItems) && { prefixItems: prefixItems.map((item) => grammarSchema(item, depth + 1)) }),
  };
}

/** Of several types each takes the words that are about it. */
function keywordsOf(type: string, schema: Schema): Schema {
  const anybodys = new Set(Object.values(KEYWORDS).flatMap((words) => [...words]));
  return Object.fromEntries(
    Object.entries(schema).filter(([keyword]) => KEYWORDS[type]?.has(keyword) || !anybodys.has(keyword)),
  );
}

function mapped(schemas: unknown, depth: number): Record<string, Schema> {
  if (typeof schemas !== 'object' || schemas === null) throw refusal('"properties" is no object');
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, grammarSchema(schema, depth + 1)]));
}

function only(schema: Schema, known: Set<string>): void {
  const unknown = Object.keys(schema).find((keyword) => !known.has(keyword));
  if (unknown !== undefined) throw refusal(`"${unknown}" cannot be held to`);
}

function refusal(reason: string): Refusal {
  return new Refusal('input', `llama.cpp cannot answer in the form of this JSON Schema: ${reason}.`);
}
