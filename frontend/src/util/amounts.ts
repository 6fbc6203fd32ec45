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
  return `${value.toLocaleString('en', { maximumFractionDigits: digits })} ${UNITS[unit]}`;
}

/** A day for a person: with its year only where that is not this one. */
export function formatDay(date: string, now = new Date()): string {
  const day = new Date(date);
  const year = day.getFullYear() === now.getFullYear() ? undefined : 'numeric';
  return day.toLocaleDateString('en', { day: 'numeric', month: 'short', year });
}
