import { useId } from 'react';
import { texts } from '../texts/texts.ts';
import styles from './charts.module.css';
import { Legend, type Series } from './legend.tsx';
import { ReadoutSlider } from './readout-slider.tsx';
import { ticksUpTo } from './scale.ts';
import { useReadout } from './use-readout.ts';
import { useWidth } from './use-width.ts';

export type Bar = {
  key: string;
  label: string;
  /** One for each series, the first at the bottom. */
  values: readonly number[];
};

type BarChartProps = {
  title: string;
  series: readonly Series[];
  bars: readonly Bar[];
  format: (value: number) => string;
  /** What is read while no bar is chosen. */
  total: string;
};

const HEIGHT = 180;
const TOP = 8;
const BOTTOM = 22;
const RIGHT = 2;
const DIGIT = 6.4;
/** Between two labels below the bars. */
const LABEL_WIDTH = 76;

/** Amounts side by side, those of a bar on top of one another. A pointer or the arrow keys read out a bar. */
export function BarChart({ title, series, bars, format, total }: BarChartProps) {
  const id = useId();
  const { ref, width } = useWidth<HTMLDivElement>();
  const ticks = ticksUpTo(Math.max(1, ...bars.map(({ values }) => sum(values))), true);
  const left = 8 + DIGIT * Math.max(...ticks.map((tick) => format(tick).length));
  const step = (width - left - RIGHT) / Math.max(1, bars.length);
  const bottom = HEIGHT - BOTTOM;
  const high = (value: number) => (value / (ticks.at(-1) ?? 1)) * (bottom - TOP);
  const readout = useReadout(
    bars.map((_, at) => at),
    (pixels) => (pixels - left) / step - 0.5,
  );
  const { index } = readout;
  const read = index === null ? undefined : bars[index];
  const values = series.map((_, at) =>
    format(read ? (read.values[at] ?? 0) : sum(bars.map((bar) => bar.values[at] ?? 0))),
  );
  const every = Math.max(1, Math.ceil(LABEL_WIDTH / Math.max(1, step)));

  return (
    <figure className={styles.chart} aria-labelledby={`${id}-title`}>
      <figcaption>
        <h3 id={`${id}-title`}>{title}</h3>
        <span className={styles.when}>{read?.label ?? total}</span>
      </figcaption>
      <Legend mark="bar" series={series} values={values} />
      <ReadoutSlider
        readout={readout}
        area={ref}
        label={texts.charts.bars(title)}
        text={`${read?.label ?? total}: ${series.map(({ label }, at) => `${label} ${values[at]}`).join(', ')}`}
      >
        {width > 0 && (
          <svg width={width} height={HEIGHT} aria-hidden="true">
            {ticks.map((tick) => (
              <g key={tick}>
                <path className={styles.rule} d={`M${left} ${bottom - high(tick)}H${width - RIGHT}`} />
                <text className={styles.tick} x={left - 6} y={bottom - high(tick)} dy="0.32em" textAnchor="end">
                  {format(tick)}
                </text>
              </g>
            ))}
            {bars.map(({ key, label, values: amounts }, at) => {
              const start = left + at * step;
              return (
                <g key={key} className={styles.bar} data-read={at === index || undefined}>
                  {amounts.map((amount, part) => (
                    <rect
                      key={series[part]?.label}
                      data-look={series[part]?.look}
                      x={start + step * 0.14}
                      width={step * 0.72}
                      y={bottom - high(sum(amounts.slice(0, part + 1)))}
                      height={high(amount)}
                    />
                  ))}
                  {/* From the end: today has its label. */}
                  {(bars.length - 1 - at) % every === 0 && start + step - left >= LABEL_WIDTH / 2 && (
                    <text
                      className={styles.tick}
                      x={at === bars.length - 1 ? start + step : start + step / 2}
                      y={HEIGHT - 5}
                      textAnchor={at === bars.length - 1 ? 'end' : 'middle'}
                    >
                      {label}
                    </text>
                  )}
                </g>
              );
            })}
          </svg>
        )}
      </ReadoutSlider>
    </figure>
  );
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
