/** SQL for the collection that an API key is bound to; null for a person. `user` is the parameter with the owner's id. */
export const keyCollection = (user: string): string =>
  `(SELECT collection_id FROM api_keys WHERE user_id = ${user}::uuid)`;
/** SQL for whether an owner is a person, and may look into what is for all people. */
export const isPerson = (user: string): string => `NOT EXISTS (SELECT 1 FROM api_keys WHERE user_id = ${user}::uuid)`;

/**
 * SQL for the scopes that a user may search and in which there is something to be found: his files outside of any
 * collection, his collections, those that are for all; of an API key its collection. `user` is the parameter with his id.
 * A handful of index look-ups, however many files there are: every turn asks it.
 */
export const searchableScopes = (user: string): string => `
SELECT scope.id FROM (
  SELECT ${user}::uuid AS id
  UNION
  SELECT id FROM collections WHERE user_id = ${user}::uuid OR (visibility = 'SHARED' AND ${isPerson(user)})
  UNION
  SELECT collection_id FROM api_keys WHERE user_id = ${user}::uuid
) AS scope
WHERE EXISTS (SELECT 1 FROM files WHERE files.scope_id = scope.id AND files.live_generation IS NOT NULL)`;
