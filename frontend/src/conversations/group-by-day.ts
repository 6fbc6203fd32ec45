import { locale } from '../texts/language.ts';
import { texts } from '../texts/texts.ts';
import { dayOf } from '../util/use-day.ts';
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
  return (time.getFullYear() === now.getFullYear() ? months : monthsOfYears).format(time);
}

// Making a format takes far longer than using it, and a list has thousands of entries.
const months = new Intl.DateTimeFormat(locale, { month: 'long' });
const monthsOfYears = new Intl.DateTimeFormat(locale, { month: 'long', year: 'numeric' });

/** By the calendar here, whatever the hours: a day may have 23 or 25 of them. */
const daysBetween = (earlier: Date, later: Date): number =>
  Math.round((dayOf(later).getTime() - dayOf(earlier).getTime()) / 86_400_000);
