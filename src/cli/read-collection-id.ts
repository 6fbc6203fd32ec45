import { isUuid } from '../util/ids.ts';

/** As the graph shows it, or as the database has it. Null: neither. */
export function readCollectionId(text: string): string | null {
  if (isUuid(text)) return text;
  const [type, id] = Buffer.from(text, 'base64url').toString('utf8').split(':');
  return type === 'Collection' && id !== undefined && isUuid(id) ? id : null;
}
