/** Deeper ones are nobody's, and whoever walks them by calling itself would run out of stack. */
const MAX_DEPTH = 64;
const TYPES = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'];

type Check = (value: unknown, depth: number) => boolean;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText: Check = (value) => typeof value === 'string';
const isType: Check = (value) => typeof value === 'string' && TYPES.includes(value);
const listOf =
  (check: Check): Check =>
  (value, depth) =>
    Array.isArray(value) && value.every((item) => check(item, depth));
const mapOf =
  (check: Check): Check =>
  (value, depth) =>
    isRecord(value) && Object.values(value).every((item) => check(item, depth));
const isSchema: Check = (value, depth) => {
  if (typeof value === 'boolean') return true;
  return depth > 0 && isRecord(value) && Object.entries(value).every(([key, part]) => isPart(key, part, depth - 1));
};

/** What the keywords hold that give a schema its structure. Others are left to the model's provider. */
const KEYWORDS = new Map<string, Check>([
  ['type', (value, depth) => isType(value, depth) || listOf(isType)(value, depth)],
  ['required', listOf(isText)],
  ['$ref', isText],
  ['pattern', isText],
  ...['properties', 'patternProperties', '$defs', 'definitions'].map((key): [string, Check] => [key, mapOf(isSchema)]),
  ...['allOf', 'anyOf', 'oneOf', 'prefixItems'].map((key): [string, Check] => [key, listOf(isSchema)]),
  ...['not', 'if', 'then', 'else', 'contains', 'additionalProperties'].map((key): [string, Check] => [key, isSchema]),
  ['items', (value, depth) => isSchema(value, depth) || listOf(isSchema)(value, depth)],
  ['enum', (value, depth) => Array.isArray(value) && isShallow(value, depth)],
]);

const isPart = (key: string, value: unknown, depth: number) => (KEYWORDS.get(key) ?? isShallow)(value, depth);

const isShallow: Check = (value, depth) => {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((item) => isShallow(item, depth - 1));
};

/** Whether it reads as a JSON Schema: an object whose keywords hold what belongs into them. */
export function isJsonSchema(value: unknown): boolean {
  return isRecord(value) && isSchema(value, MAX_DEPTH);
}
