import { isUuid } from '../util/ids.ts';

/** Whether it is an id of the graph of this type, and not a name. */
export function isGlobalId(type: string, text: string): boolean {
  const [found, id] = Buffer.from(text, 'base64url').toString('utf8').split(':');
  return found === type && id !== undefined && isUuid(id);
}
