/**
 * Whether a JSON Schema is of the kind that OpenAI can promise to hold to: every object lists all its properties as
 * required and allows no others. For any other schema a strict request is refused.
 */
export function isStrictSchema(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.every(isStrictSchema);
  if (typeof schema !== 'object' || schema === null) return true;
  const { type, properties, required, additionalProperties, ...rest } = schema as Record<string, unknown>;
  if (type === 'object' || properties !== undefined) {
    if (additionalProperties !== false) return false;
    const names = Object.keys((properties ?? {}) as object);
    if (!names.every((name) => Array.isArray(required) && required.includes(name))) return false;
    if (!Object.values((properties ?? {}) as object).every(isStrictSchema)) return false;
  }
  return ['items', 'anyOf', '$defs', 'definitions'].every((key) => {
    const part = rest[key];
    return key === '$defs' || key === 'definitions'
      ? Object.values((part ?? {}) as object).every(isStrictSchema)
      : isStrictSchema(part);
  });
}
