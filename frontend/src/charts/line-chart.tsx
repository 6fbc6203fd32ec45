import { useId } from 'react';
import { formatClock } from '../texts/language.ts';
import { texts } from '../texts/texts.ts';
import styles from './charts.module.css';
import { Legend, type Series } from './legend.tsx';
import { type Point, runsOf, summaryOf } from './points.ts';
import { ReadoutSlider } from './readout-slider.tsx';
import { ticksUpTo, timesBetween } from './scale.ts';
import { useReadout } from './use-readout.ts';
import { useWidth } from './use-width.ts';

export type LineChartProps = {
  title: string;
  /** What the figures are of, where the title does not say it. */
  note?: string;
  series: readonly Series[];
  points: readonly Point[];
  /** The time that is shown, in milliseconds. */
  from: number;
  to: number;
  /** A longer silence is a gap. */
  maxGapMs: number;
  format: (value: number) => string;
  /** Things that are counted: there are no halves between the lines. */
  isWhole?: boolean;
  /** The axis goes up to here at least. */
  most?: number;
};

const HEIGHT = 132;
const TOP = 8;
const BOTTOM = 20;
const RIGHT = 6;
/** Of a digit of the axis, roughly. */
const DIGIT = 6.4;
const MINUTE_MS = 60_000;
/** Marks below the chart, at most. */
const MOST_MARKS = 4;

/** Values over time. What is not known is left open; a pointer or the arrow keys read out a moment. */
export function LineChart(props: LineChartProps) {
  const { title, note, series, points, from, to, maxGapMs, format, isWhole = false, most = 1 } = props;
  const id = useId();
  const { ref, width } = useWidth<HTMLDivElement>();
  const known = points.filter(({ values }) => values.some((value) => value !== null));
  const ticks = ticksUpTo(Math.max(most, ...known.flatMap(({ values }) => values.map((value) => value ?? 0))), isWhole);
  const left = 8 + DIGIT * Math.max(...ticks.map((tick) => format(tick).length));
  const x = (at: number) => left + ((at - from) / (to - from)) * (width - left - RIGHT);
  const y = (value: number) => HEIGHT - BOTTOM - (value / (ticks.at(-1) ?? 1)) * (HEIGHT - BOTTOM - TOP);
  const markMs = MINUTE_MS * Math.max(1, Math.ceil((to - from) / MINUTE_MS / MOST_MARKS));
  const readout = useReadout(
    known.map(({ at }) => at),
    (pixels) => from + ((pixels - left) / (width - left - RIGHT)) * (to - from),
  );
  const { index } = readout;
  const newest = points.at(-1);
  const isCurrent = newest !== undefined && to - newest.at <= maxGapMs;
  const read = index === null ? (isCurrent ? newest : undefined) : known[index];
  const values = series.map((_, at) => shown(read?.values[at] ?? null, format));

  return (
    <figure className={styles.chart} aria-labelledby={`${id}-title`}>
      <figcaption>
        <h3 id={`${id}-title`}>{title}</h3>
        <span className={styles.when}>{index === null ? texts.charts.now : clock(read?.at ?? to, true)}</span>
        {note && <p>{note}</p>}
      </figcaption>
      <Legend mark="line" series={series} values={values} />
      <p id={`${id}-summary`} className="visually-hidden">
        {series.map(({ label }, at) => texts.charts.summary(label, values[at] ?? '', described(at))).join(' ')}
      </p>
      <ReadoutSlider
        readout={readout}
        area={ref}
        label={texts.charts.moments(title)}
        text={
          read
            ? `${clock(read.at, true)}: ${series.map(({ label }, at) => `${label} ${values[at]}`).join(', ')}`
            : texts.charts.waiting
        }
        describedBy={`${id}-summary`}
      >
        {width > 0 && (
          <svg width={width} height={HEIGHT} aria-hidden="true">
            {ticks.map((tick) => (
              <g key={tick}>
                <path className={styles.rule} d={`M${left} ${y(tick)}H${width - RIGHT}`} />
                <text className={styles.tick} x={left - 6} y={y(tick)} dy="0.32em" textAnchor="end">
                  {format(tick)}
                </text>
              </g>
            ))}
            {timesBetween(from, to, markMs).map((at) => (
              <text
                key={at}
                className={styles.tick}
                x={within(x(at), clock(at), left, width)}
                y={HEIGHT - 4}
                textAnchor="middle"
              >
                {clock(at)}
              </text>
            ))}
            {series.map(({ label, look }, at) => (
              <path key={label} className={styles.line} data-look={look} d={lineOf(at)} />
            ))}
            {index !== null && read && (
              <g>
                <path className={styles.cursor} d={`M${x(read.at)} ${TOP}V${HEIGHT - BOTTOM}`} />
                {series.map(({ label, look }, at) => {
                  const value = read.values[at] ?? null;
                  return (
                    value !== null && (
                      <circle
                        key={label}
                        className={styles.dot}
                        data-look={look}
                        cx={x(read.at)}
                        cy={y(value)}
                        r="3.5"
                      />
                    )
                  );
                })}
              </g>
            )}
          </svg>
        )}
        {known.length === 0 && <p className={styles.empty}>{texts.charts.waiting}</p>}
      </ReadoutSlider>
    </figure>
  );

  /** A run is a line, and a lone value a dot, which the round ends of a line of no length draw. */
  function lineOf(at: number): string {
    return runsOf(points, at, maxGapMs)
      .map((run) => `M${run.map(({ at: time, value }) => `${rounded(x(time))} ${rounded(y(value))}`).join('L')}h0`)
      .join('');
  }

  function described(at: number) {
    const summary = summaryOf(points, at, maxGapMs);
    return summary && { least: format(summary.least), most: format(summary.most), gaps: summary.gaps };
  }
}

const shown = (value: number | null, format: (value: number) => string): string =>
  value === null ? '—' : format(value);

const rounded = (pixels: number): number => Math.round(pixels * 10) / 10;

/** Where the middle of a mark is, so that all of it is seen. It may stand a little below the other axis. */
function within(middle: number, mark: string, left: number, width: number): number {
  const half = (mark.length * DIGIT) / 2;
  return Math.min(width - half, Math.max(left + half - 6, middle));
}

const clock = (at: number, isExact = false): string => formatClock(new Date(at), isExact);
