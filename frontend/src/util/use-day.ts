import { useEffect, useState } from 'react';

/** The midnight with which the day of a moment began, by the calendar here. */
export const dayOf = (time: Date): Date => new Date(time.getFullYear(), time.getMonth(), time.getDate());

/** Today, also on a page that stays open: the midnight with which it began. */
export function useDay(): Date {
  const [day, setDay] = useState(() => dayOf(new Date()));
  useEffect(() => {
    const check = () =>
      setDay((before) => (dayOf(new Date()).getTime() === before.getTime() ? before : dayOf(new Date())));
    // The next day may begin 23 or 25 hours after this one.
    const next = new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1);
    const timer = setTimeout(check, next.getTime() - Date.now() + 50);
    // Timers do not run while a machine sleeps.
    document.addEventListener('visibilitychange', check);
    window.addEventListener('focus', check);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', check);
      window.removeEventListener('focus', check);
    };
  }, [day]);
  return day;
}
