/** What the words of a language are coloured by. */
export type TokenKind =
  | 'comment'
  | 'keyword'
  | 'string'
  | 'number'
  | 'type'
  | 'name'
  | 'property'
  | 'tag'
  | 'meta'
  | 'inserted'
  | 'deleted';

const KINDS: [TokenKind, RegExp][] = [
  ['comment', /comment/i],
  ['keyword', /keyword|modifier|qualifier|heading|header/i],
  ['string', /string|character|regexp|escape|attributeValue|url|quote|link/i],
  ['number', /number|integer|float|unit|color|atom|bool|null|self|constant/i],
  ['type', /type|class|namespace/i],
  ['name', /definition|^def\b|function|standard|builtin/i],
  ['tag', /^tag/i],
  ['property', /property|attribute|label|special/i],
  ['meta', /meta|annotation|instruction/i],
  ['inserted', /inserted|positive/i],
  ['deleted', /deleted|negative/i],
];

const known = new Map<string, TokenKind | null>();

/** Of a style as the languages name it (`variableName.definition`). Most words have none: they are plain. */
export function kindOf(style: string | null): TokenKind | null {
  if (style === null) return null;
  const kind = known.get(style);
  if (kind !== undefined) return kind;
  const found = KINDS.find(([, pattern]) => pattern.test(style))?.[0] ?? null;
  // The languages have some dozens.
  if (known.size < 1000) known.set(style, found);
  return found;
}
