import { count } from '../count.ts';

/** What is said around drawings of figures. */
export const charts = {
  charts: {
    now: 'now',
    waiting: 'Waiting for the first values',
    moments: (title: string) => `${title}: read out a moment`,
    bars: (title: string) => `${title}: read out a day`,
    summary: (label: string, now: string, past: { least: string; most: string; gaps: number } | null) =>
      past
        ? `${label}: ${now} now, from ${past.least} to ${past.most} in the time shown${past.gaps > 0 ? `, with ${count(past.gaps, 'gap', 'gaps')}` : ''}.`
        : `${label}: no values yet.`,
    asTable: 'As a table',
  },
};
