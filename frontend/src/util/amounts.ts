import { formatClock, formatNumber, locale } from '../texts/language.ts';

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'];

/** A number of bytes for a person: "1.4 MB". */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1_000 && unit < UNITS.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  const digits = unit > 0 && value < 10 ? 1 : 0;
  return `${formatNumber(value, digits)} ${UNITS[unit]}`;
}

/** A day for a person: with its year only where that is not this one. */
export function formatDay(date: string, now = new Date()): string {
  const day = new Date(date);
  const year = day.getFullYear() === now.getFullYear() ? undefined : 'numeric';
  return day.toLocaleDateString(locale, { day: 'numeric', month: 'short', year });
}

/** A moment for a person who wants to know how long ago it was: its time where it is of today, its day otherwise. */
export function formatLately(date: string, now = new Date()): string {
  const moment = new Date(date);
  if (moment.toDateString() !== now.toDateString()) return formatDay(date, now);
  return formatClock(moment);
}

/** A moment to the second, with its time zone. */
export const formatExactTime = (date: string): string =>
  new Date(date).toLocaleString(locale, { dateStyle: 'full', timeStyle: 'long' });

/** A moment for a person, to the minute. */
export const formatTime = (date: string): string =>
  new Date(date).toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'short' });

/** A short time for a person: "240 ms", "1.2 s". */
export function formatMilliseconds(milliseconds: number): string {
  if (milliseconds < 1_000) return `${formatNumber(milliseconds)} ms`;
  return `${formatNumber(milliseconds / 1_000, milliseconds < 10_000 ? 1 : 0)} s`;
}

const SPANS = [
  { unit: 'day', seconds: 86_400 },
  { unit: 'hour', seconds: 3_600 },
  { unit: 'minute', seconds: 60 },
] as const;

/** A long time for a person, in its largest unit: "3 days". */
export function formatSpan(seconds: number): string {
  const span = SPANS.find((known) => seconds >= known.seconds) ?? { unit: 'second', seconds: 1 };
  const options = { style: 'unit', unit: span.unit, unitDisplay: 'long' } as const;
  return Math.floor(seconds / span.seconds).toLocaleString(locale, options);
}
