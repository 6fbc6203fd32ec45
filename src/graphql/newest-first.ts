import { isUuid } from '../util/ids.ts';
import { decodeCursor, type Page } from './paging.ts';

type Position = { createdAt: Date; id: string };

function positionOf([time, id]: unknown[]): Position | null {
  if (!Number.isSafeInteger(time) || !isUuid(id)) return null;
  const createdAt = new Date(time as number);
  // The database knows fewer moments than a Date does; before 1970 there was nothing to list.
  return createdAt.getTime() >= 0 ? { createdAt, id } : null;
}

/** What comes after (lt) or before (gt) a position, in the list's order: the newest first. */
const beyond = (side: 'lt' | 'gt', { createdAt, id }: Position) => ({
  OR: [{ createdAt: { [side]: createdAt } }, { createdAt, id: { [side]: id } }],
});

/** The conditions for a page of a list that has the newest first. Cursors are of the moment, in ms, and the id. */
export function newestFirst(page: Page) {
  return [
    ...(page.after !== null ? [beyond('lt', decodeCursor(page.after, 'after', positionOf))] : []),
    ...(page.before !== null ? [beyond('gt', decodeCursor(page.before, 'before', positionOf))] : []),
  ];
}
