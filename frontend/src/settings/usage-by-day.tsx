import type { UserStatsQuery } from '@colloquy/sdk';
import { useState } from 'react';
import { BarChart } from '../charts/bar-chart.tsx';
import type { Series } from '../charts/legend.tsx';
import { formatNumber, locale } from '../texts/language.ts';
import { texts } from '../texts/texts.ts';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { Segments } from '../ui/segments.tsx';
import styles from './settings.module.css';

type Day = UserStatsQuery['stats']['user']['byDay'][number];
type Measure = 'tokens' | 'answers';
type Span = 30 | 90;

type UsageByDayProps = { byDay: readonly Day[]; days: Span; onDays: (days: Span) => void };

const columns = (): Column<Day & { id: string }>[] => {
  const words = texts.settings.usage;
  return [
    { key: 'day', head: words.day, cell: ({ day }) => dayOf(day) },
    { key: 'turns', head: words.answers, cell: ({ turns }) => formatNumber(turns), isNumber: true },
    { key: 'prompt', head: words.promptTokens, cell: ({ promptTokens }) => formatNumber(promptTokens), isNumber: true },
    {
      key: 'completion',
      head: words.completionTokens,
      cell: ({ completionTokens }) => formatNumber(completionTokens),
      isNumber: true,
    },
  ];
};

/** The last days, as bars and as a table. */
export function UsageByDay({ byDay, days, onDays }: UsageByDayProps) {
  const [measure, setMeasure] = useState<Measure>('tokens');
  const words = texts.settings.usage;
  const isTokens = measure === 'tokens';
  const series: readonly Series[] = isTokens
    ? [
        { label: words.completionTokens, look: 'first' },
        { label: words.promptTokens, look: 'second' },
      ]
    : [{ label: words.answers, look: 'first' }];
  const used = byDay.filter(({ turns }) => turns > 0);
  return (
    <section className={styles.days} aria-label={words.byDay}>
      <div className={styles.choices}>
        <Segments
          label={words.measure}
          value={measure}
          options={[
            { value: 'tokens', label: words.tokens },
            { value: 'answers', label: words.answers },
          ]}
          onChange={setMeasure}
        />
        <Segments
          label={words.span}
          value={days === 30 ? '30' : '90'}
          options={[
            { value: '30', label: words.days(30) },
            { value: '90', label: words.days(90) },
          ]}
          onChange={(value) => onDays(value === '30' ? 30 : 90)}
        />
      </div>
      <BarChart
        title={words.byDay}
        series={series}
        bars={byDay.map(({ day, turns, promptTokens, completionTokens }) => ({
          key: day,
          label: dayOf(day),
          values: isTokens ? [completionTokens, promptTokens] : [turns],
        }))}
        format={(value) => formatNumber(value)}
        total={words.days(byDay.length)}
      />
      {used.length > 0 && (
        <details className={styles.table}>
          <summary>{texts.charts.asTable}</summary>
          <DataTable
            label={words.byDay}
            columns={columns()}
            rows={used.map((day) => ({ ...day, id: day.day })).reverse()}
          />
        </details>
      )}
    </section>
  );
}

/** A day of the server's is one of UTC. */
const dayOf = (day: string): string =>
  new Date(day).toLocaleDateString(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' });
