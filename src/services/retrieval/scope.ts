import { notFound } from '../../errors.ts';
import type { SqlRunner } from '../../ports/sql.ts';
import { isPerson, keyCollection, searchableScopes } from '../../util/search-scope.ts';

/** Null: not restricted. A list is what is searched, and nothing besides: an empty one names nothing. */
export type ScopeRequest = { collectionIds: string[] | null; fileIds: string[] | null };

/** Whole scopes (`fileIds` null), or these files of them. Never empty. */
export type ScopePart = { scopeIds: string[]; fileIds: string[] | null };

/** Where is looked. No parts: nowhere. `named`: somebody has said so, and means these files whatever the question. */
export type SearchScope = { parts: ScopePart[]; named: boolean };

type NamedRow = { kind: 'collection' | 'file'; id: string; scope_id: string; live: boolean };

/**
 * Who sees a file: its owner, its collection's owner, everybody where that is SHARED. An API key sees what is in its
 * collection.
 */
const VISIBLE_COLLECTION = `(c.user_id = $1::uuid OR c.id = ${keyCollection('$1')}
  OR (c.visibility = 'SHARED' AND ${isPerson('$1')}))`;
export const VISIBLE_FILE = `(f.user_id = $1::uuid OR ${VISIBLE_COLLECTION})`;

const READ_NAMED = `
SELECT 'collection' AS kind, c.id, c.id AS scope_id,
  EXISTS (SELECT 1 FROM files f WHERE f.scope_id = c.id AND f.live_generation IS NOT NULL) AS live
FROM collections c WHERE c.id = ANY($2::uuid[]) AND ${VISIBLE_COLLECTION}
UNION ALL
SELECT 'file', f.id, f.scope_id, f.live_generation IS NOT NULL
FROM files f LEFT JOIN collections c ON c.id = f.collection_id
WHERE f.id = ANY($3::uuid[]) AND ${VISIBLE_FILE}`;

function isRestricted({ collectionIds, fileIds }: ScopeRequest): boolean {
  return collectionIds !== null || fileIds !== null;
}

function wholeScopes(scopeIds: string[]): ScopePart[] {
  return scopeIds.length > 0 ? [{ scopeIds, fileIds: null }] : [];
}

/**
 * What a user may search of what is named, in one statement. What has nothing to be found yet is left out. Throws
 * NOT_FOUND for what is not there or not to be seen.
 */
export async function readScope(sql: SqlRunner, userId: string, request: ScopeRequest): Promise<SearchScope> {
  if (!isRestricted(request)) {
    const rows = await sql.query<{ id: string }>(searchableScopes('$1'), [userId]);
    return { parts: wholeScopes(rows.map(({ id }) => id)), named: false };
  }
  const collectionIds = [...new Set(request.collectionIds)];
  const fileIds = [...new Set(request.fileIds)];
  if (collectionIds.length + fileIds.length === 0) return { parts: [], named: true };
  const rows = await sql.query<NamedRow>(READ_NAMED, [userId, collectionIds, fileIds]);
  const found = new Set(rows.map(({ id }) => id));
  if (!collectionIds.every((id) => found.has(id))) throw notFound('collection');
  if (!fileIds.every((id) => found.has(id))) throw notFound('file');
  const live = rows.filter((row) => row.live);
  const whole = new Set(live.filter(({ kind }) => kind === 'collection').map(({ id }) => id));
  const single = live.filter((row) => row.kind === 'file' && !whole.has(row.scope_id));
  const files = {
    scopeIds: [...new Set(single.map((row) => row.scope_id))],
    fileIds: single.map(({ id }) => id),
  };
  return { parts: [...wholeScopes([...whole]), ...(single.length > 0 ? [files] : [])], named: true };
}
