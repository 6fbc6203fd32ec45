import { count } from '../count.ts';
import type { charts as english } from '../english/charts.ts';

export const charts: typeof english = {
  charts: {
    now: 'jetzt',
    waiting: 'Warten auf die ersten Werte',
    moments: (title) => `${title}: einen Zeitpunkt ablesen`,
    bars: (title) => `${title}: einen Tag ablesen`,
    summary: (label, now, past) =>
      past
        ? `${label}: jetzt ${now}, im gezeigten Zeitraum von ${past.least} bis ${past.most}${past.gaps > 0 ? `, mit ${count(past.gaps, 'Lücke', 'Lücken')}` : ''}.`
        : `${label}: noch keine Werte.`,
    asTable: 'Als Tabelle',
  },
};
