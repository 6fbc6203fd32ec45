import { texts } from '../../texts/texts.ts';

/** How long it still takes, for a person. */
export function formatTimeLeft(seconds: number): string {
  const words = texts.admin.models.pulls;
  const whole = Math.max(1, Math.round(seconds));
  if (whole < 90) return words.secondsLeft(whole);
  if (whole < 5_400) return words.minutesLeft(Math.round(whole / 60));
  return words.hoursLeft(Math.round(whole / 3_600));
}
