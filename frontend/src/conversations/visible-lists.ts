import { texts } from '../texts.ts';
import { activityOf, type Conversation, type ConversationsState, type Extent } from './conversation-lists.ts';
import { type Group, groupByDay } from './group-by-day.ts';

export type VisibleList = { groups: Group[]; extent: Extent };

const newestFirst = (one: Conversation, other: Conversation) => activityOf(other) - activityOf(one);

/** What the sidebar shows: the search, the archive, or the pinned and recent conversations. */
export function visibleList(state: ConversationsState, archive: boolean, now: Date): VisibleList {
  const { byId, search } = state;
  if (search) {
    const conversations = search.ids.flatMap((id) => byId.get(id) ?? []);
    const label = texts.sidebar.results(conversations.length);
    return { groups: conversations.length > 0 ? [{ label, conversations }] : [], extent: search };
  }
  const extent = archive ? state.archive : state.recent;
  const all = [...byId.values()].filter(({ archivedAt }) => (archivedAt !== null) === archive).sort(newestFirst);
  const isRead = (conversation: Conversation) => activityOf(conversation) >= extent.floor;
  if (archive) return { groups: groupByDay(all.filter(isRead), now), extent };
  const pinned = all.filter((conversation) => conversation.pinned);
  const recent = all.filter((conversation) => !conversation.pinned && isRead(conversation));
  const pins: Group[] = pinned.length > 0 ? [{ label: texts.sidebar.pinned, conversations: pinned }] : [];
  return { groups: [...pins, ...groupByDay(recent, now)], extent };
}
