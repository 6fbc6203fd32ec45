import { texts } from '../texts/texts.ts';
import { activityOf, type Conversation, type ConversationsState, type Extent } from './conversation-lists.ts';
import { type Group, groupByDay } from './group-by-day.ts';

/** What decides on what is shown; how the reading of it goes does not. */
export type Shown = {
  byId: ConversationsState['byId'];
  archive: boolean;
  hidden: ReadonlySet<string>;
  /** What a search has found; null: there is none. */
  found: readonly string[] | null;
  /** See `Extent`. */
  floor: number;
};

const newestFirst = (one: Conversation, other: Conversation) => activityOf(other) - activityOf(one);

/** How much has been read of what the sidebar shows. */
export const extentOf = ({ search, archive, recent }: ConversationsState, isArchive: boolean): Extent =>
  search ?? (isArchive ? archive : recent);

/** What the sidebar shows: the search, the archive, or the pinned and recent conversations. */
export function visibleGroups({ byId, archive, hidden, found, floor }: Shown, now: Date): Group[] {
  const isShown = ({ id }: Conversation) => !hidden.has(id);
  if (found) {
    const conversations = found.flatMap((id) => byId.get(id) ?? []).filter(isShown);
    const label = texts.sidebar.results(conversations.length);
    return conversations.length > 0 ? [{ label, conversations }] : [];
  }
  const all = [...byId.values()]
    .filter((conversation) => (conversation.archivedAt !== null) === archive && isShown(conversation))
    .sort(newestFirst);
  const isRead = (conversation: Conversation) => activityOf(conversation) >= floor;
  if (archive) return groupByDay(all.filter(isRead), now);
  const pinned = all.filter((conversation) => conversation.pinned);
  const recent = all.filter((conversation) => !conversation.pinned && isRead(conversation));
  const pins: Group[] = pinned.length > 0 ? [{ label: texts.sidebar.pinned, conversations: pinned }] : [];
  return [...pins, ...groupByDay(recent, now)];
}
