import { createHash } from 'node:crypto';

/** So many texts are prepared on each connection; the texts of queries vary with the length of their lists. */
const MAX_NAMES = 500;

/**
 * Names for prepared statements, by which the server parses and plans each text once for a connection. The name is made
 * of the text, so that processes behind one connection pooler agree on it. Empty: not prepared.
 */
export function createStatementNames(): (query: { sql: string }) => string {
  const names = new Map<string, string>();
  return ({ sql }) => {
    const known = names.get(sql);
    if (known) return known;
    if (names.size >= MAX_NAMES) return '';
    const name = createHash('sha1').update(sql).digest('base64url');
    names.set(sql, name);
    return name;
  };
}
