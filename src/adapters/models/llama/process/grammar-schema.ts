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
const DEFINITIONS = '#/$defs/';

/**
 * The schema in the words of the grammar's maker, which passes over what it does not know. Throws Refusal for what the
 * answer could not be held to.
 */
export function grammarSchema(schema: unknown): Schema {
  return translated(schema, { depth: 0, definitions: new Set() });
}

/** How deep it is, and what it may refer to. */
type Context = { depth: number; definitions: ReadonlySet<string> };

function deeper({ depth, definitions }: Context): Context {
  if (depth >= MOST_DEPTH) throw refusal('it is nested too deeply');
  return { depth: depth + 1, definitions };
}

function translated(schema: unknown, outer: Context): Schema {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema))
    throw refusal('a part of it is no object');
  const said = Object.fromEntries(
    Object.entries(schema).filter(([keyword, value]) => !REMARKS.has(keyword) && !saysNothing(keyword, value)),
  );
  const { $defs, ...own } = said;
  if ($defs === undefined) return translate(own, outer);
  const context = { ...outer, definitions: new Set([...outer.definitions, ...Object.keys($defs)]) };
  return { ...translate(own, context), $defs: mapped($defs, context) };
}

/** Makers of schemas write down the bounds that every number has. */
function saysNothing(keyword: string, value: unknown): boolean {
  const isBound = keyword === 'minimum' || keyword === 'maximum';
  return isBound && typeof value === 'number' && Math.abs(value) >= Number.MAX_SAFE_INTEGER;
}

function translate(schema: Schema, context: Context): Schema {
  if ('$ref' in schema) {
    const { $ref, ...others } = schema;
    if (typeof $ref !== 'string' || !$ref.startsWith(DEFINITIONS)) throw refusal(`"$ref" must begin with #/$defs/`);
    only(others, new Set());
    if (!context.definitions.has($ref.slice(DEFINITIONS.length))) throw refusal(`"${$ref}" is not defined`);
    return { $ref };
  }
  if ('const' in schema) return plain(schema, 'const');
  if ('enum' in schema) return plain(schema, 'enum');
  for (const keyword of ['oneOf', 'anyOf']) {
    const choices = schema[keyword];
    if (choices === undefined) continue;
    const { [keyword]: _choices, ...others } = schema;
    only(others, new Set());
    if (!Array.isArray(choices) || choices.length === 0) throw refusal(`"${keyword}" is no list of choices`);
    // Of alternatives that overlap the first one that fits is written, which fits all of them that it has to.
    return { oneOf: choices.map((choice) => translated(choice, deeper(context))) };
  }
  return typed(schema, context);
}

/** `const` and `enum`, whose type says nothing more. */
function plain({ type: _type, ...schema }: Schema, keyword: string): Schema {
  const { [keyword]: value, ...others } = schema;
  only(others, new Set());
  const values = keyword === 'enum' ? value : [value];
  if (!Array.isArray(values) || values.some((item) => typeof item === 'object' && item !== null)) {
    throw refusal(`"${keyword}" must be of plain values`);
  }
  if (values.length === 0) throw refusal('"enum" is empty');
  return { [keyword]: value };
}

function typed({ type, ...schema }: Schema, context: Context): Schema {
  if (Array.isArray(type)) {
    if (Object.keys(schema).length === 0 && type.every((one) => KEYWORDS[String(one)]?.size === 0)) return { type };
    return { oneOf: type.map((one) => translated({ ...keywordsOf(String(one), schema), type: one }, deeper(context))) };
  }
  const kind = type ?? ('properties' in schema ? 'object' : 'items' in schema ? 'array' : undefined);
  const known = KEYWORDS[String(kind)];
  if (kind === undefined) only(schema, new Set());
  if (!known) throw refusal(kind === undefined ? 'a part of it has no type' : `"${String(kind)}" is no type`);
  only(schema, known);
  if (kind === 'string' && 'format' in schema && !FORMATS.has(String(schema.format))) {
    throw refusal(`the format "${String(schema.format)}" cannot be held to`);
  }
  if (kind === 'object') checkNames(schema);
  const { properties, additionalProperties, items, prefixItems, required: _required, ...bounds } = schema;
  return {
    type: kind,
    ...bounds,
    ...(properties !== undefined && { properties: mapped(properties, context) }),
    ...(additionalProperties !== undefined && {
      additionalProperties:
        typeof additionalProperties === 'boolean'
          ? additionalProperties
          : translated(additionalProperties, deeper(context)),
    }),
    ...(items !== undefined && { items: translated(items, deeper(context)) }),
    ...(Array.isArray(prefixItems) && { prefixItems: prefixItems.map((item) => translated(item, deeper(context))) }),
  };
}

/** The grammar writes the properties that are named, and none of a name that is only asked for. */
function checkNames({ properties = {}, required = [], minProperties = 0, additionalProperties = false }: Schema): void {
  if (typeof properties !== 'object' || properties === null) throw refusal('"properties" is no object');
  const names = new Set(Object.keys(properties));
  const missing = Array.isArray(required) ? required.find((name) => !names.has(String(name))) : '';
  if (missing !== undefined)
    throw refusal(`"required" asks for "${String(missing)}", which "properties" does not have`);
  if (additionalProperties === false && typeof minProperties === 'number' && minProperties > names.size) {
    throw refusal('"minProperties" asks for more than "properties" has');
  }
}

/** Of several types each takes the words that are about it. */
function keywordsOf(type: string, schema: Schema): Schema {
  const anybodys = new Set(Object.values(KEYWORDS).flatMap((words) => [...words]));
  return Object.fromEntries(
    Object.entries(schema).filter(([keyword]) => KEYWORDS[type]?.has(keyword) || !anybodys.has(keyword)),
  );
}

function mapped(schemas: unknown, context: Context): Record<string, Schema> {
  if (typeof schemas !== 'object' || schemas === null) throw refusal('"properties" is no object');
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, translated(schema, deeper(context))]),
  );
}

function only(schema: Schema, known: Set<string>): void {
  const unknown = Object.keys(schema).find((keyword) => !known.has(keyword));
  if (unknown !== undefined) throw refusal(`"${unknown}" cannot be held to`);
}

function refusal(reason: string): Refusal {
  return new Refusal('input', `llama.cpp cannot answer in the form of this JSON Schema: ${reason}.`);
}
