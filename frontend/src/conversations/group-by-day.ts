import { texts } from '../texts.ts';
import { activityOf, type Conversation } from './conversation-lists.ts';

export type Group = { label: string; conversations: Conversation[] };

/** A list in the order of activity, newest first, under headings that a person would use for those days. */
export function groupByDay(conversations: readonly Conversation[], now: Date): Group[] {
  const groups: Group[] = [];
  for (const conversation of conversations) {
    const label = labelOf(new Date(activityOf(conversation)), now);
    const last = groups.at(-1);
    if (last?.label === label) last.conversations.push(conversation);
    else groups.push({ label, conversations: [conversation] });
  }
  return groups;
}

function labelOf(time: Date, now: Date): string {
  const days = daysBetween(time, now);
  if (days <= 0) return texts.sidebar.today;
  if (days === 1) return texts.sidebar.yesterday;
  if (days < 7) return texts.sidebar.lastWeek;
  const sameYear = time.getFullYear() === now.getFullYear();
  return time.toLocaleDateString('en', { month: 'long', ...(!sameYear && { year: 'numeric' }) });
}

/** By the calendar here, whatever the hours: a day may have 23 or 25 of them. */
function daysBetween(earlier: Date, later: Date): number {
  const midnight = (time: Date) => new Date(time.getFullYear(), time.getMonth(), time.getDate()).getTime();
  return Math.round((midnight(later) - midnight(earlier)) / 86_400_000);
}
