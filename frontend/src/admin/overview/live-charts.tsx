import { LineChart, type LineChartProps } from '../../charts/line-chart.tsx';
import type { Point } from '../../charts/points.ts';
import { formatNumber } from '../../texts/language.ts';
import { texts } from '../../texts/texts.ts';
import { formatBytes, formatMilliseconds } from '../../util/amounts.ts';
import { type FiguresState, READING_GAP_MS, type Reading, SYSTEM_GAP_MS, type System } from './live-figures.ts';
import styles from './overview.module.css';

/** The last minutes, a chart for each subject. */
export function LiveCharts({ state }: { state: FiguresState }) {
  const words = texts.admin.overview;
  const charts = words.charts;
  const window = { from: state.from, to: state.now };

  /** Of what the server pushes. */
  const pushed = (...names: (keyof System)[]) => ({
    ...window,
    maxGapMs: SYSTEM_GAP_MS,
    points: pointsOf(state.systems, names),
  });
  /** Of what is asked again and again. */
  const asked = (...names: (keyof Reading)[]) => ({
    ...window,
    maxGapMs: READING_GAP_MS,
    points: pointsOf(state.readings, names),
  });
  const all: LineChartProps[] = [
    {
      title: charts.turns,
      series: [
        { label: charts.turnsEnded, look: 'first' },
        { label: charts.turnsFailed, look: 'fault' },
      ],
      format: rate,
      most: 3,
      ...asked('turns', 'failed'),
    },
    {
      title: charts.active,
      series: [{ label: charts.activeNow, look: 'first' }],
      format: whole,
      isWhole: true,
      most: 3,
      ...pushed('activeTurns'),
    },
    {
      title: charts.tokens,
      note: charts.tokensNote,
      series: [
        { label: charts.completionTokens, look: 'first' },
        { label: charts.promptTokens, look: 'second' },
      ],
      format: rate,
      most: 30,
      ...asked('completionTokens', 'promptTokens'),
    },
    {
      title: charts.firstToken,
      note: charts.firstTokenNote,
      series: [
        { label: charts.mean, look: 'first' },
        { label: charts.p95, look: 'second' },
      ],
      format: formatMilliseconds,
      most: 100,
      ...asked('firstTokenMean', 'firstTokenP95'),
    },
    {
      title: charts.lag,
      series: [{ label: charts.lagLongest, look: 'first' }],
      format: formatMilliseconds,
      most: 30,
      ...pushed('eventLoopLagMs'),
    },
    {
      title: charts.cpu,
      series: [{ label: charts.cpuOf, look: 'first' }],
      format: (value) => `${formatNumber(value)} %`,
      most: 100,
      ...pushed('cpuPercent'),
    },
    {
      title: charts.memory,
      series: [{ label: charts.memoryOf, look: 'first' }],
      format: formatBytes,
      most: 300_000_000,
      ...pushed('residentBytes'),
    },
    {
      title: charts.cache,
      series: [
        { label: charts.hits, look: 'first' },
        { label: charts.misses, look: 'second' },
      ],
      format: rate,
      most: 3,
      ...asked('hits', 'misses'),
    },
    {
      title: charts.queue,
      note: words.queueNote(state.observability?.worker.failed ?? 0),
      series: [
        { label: charts.beingRead, look: 'first' },
        { label: charts.waiting, look: 'second' },
      ],
      format: whole,
      isWhole: true,
      most: 3,
      ...asked('active', 'queued'),
    },
    {
      title: charts.subscriptions,
      series: [{ label: charts.open, look: 'first' }],
      format: whole,
      isWhole: true,
      most: 3,
      ...pushed('activeSubscriptions'),
    },
  ];
  return (
    <section className={styles.live} aria-label={words.live}>
      <p className={styles.scope}>
        {(state.system?.instances ?? 1) > 1 ? words.ofOneServer(state.system?.instances ?? 1) : words.since}
      </p>
      <div className={styles.charts}>
        {all.map((chart) => (
          <LineChart key={chart.title} {...chart} />
        ))}
      </div>
    </section>
  );
}

function pointsOf<Figures extends Record<Name, number | null>, Name extends string>(
  entries: readonly { at: number; figures: Figures | null }[],
  names: readonly Name[],
): readonly Point[] {
  return entries.map(({ at, figures }) => ({ at, values: names.map((name) => figures?.[name] ?? null) }));
}

const whole = (value: number): string => formatNumber(value);

const rate = (value: number): string => formatNumber(value, value > 0 && value < 10 ? 1 : 0);
