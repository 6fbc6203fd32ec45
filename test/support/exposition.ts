/** A line of the text format 0.0.4 with a value. */
export type ExposedSample = { name: string; labels: Record<string, string>; value: number };
export type ExposedMetric = { name: string; help: string; type: string; samples: ExposedSample[] };

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;
const SUFFIXES: Record<string, string[]> = {
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
};

/**
 * Reads the text as strictly as it is specified: HELP and TYPE once for each metric and before its samples, samples of
 * one metric together, none twice, buckets that only grow. Throws for whatever is otherwise.
 */
export function parseExposition(text: string): Map<string, ExposedMetric> {
  if (!text.endsWith('\n')) throw new Error('The last line has no end.');
  const metrics = new Map<string, ExposedMetric>();
  let current: ExposedMetric | undefined;
  for (const line of text.slice(0, -1).split('\n')) {
    if (line === '') continue;
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (kind === 'HELP') {
      if (!NAME.test(name) || metrics.has(name)) throw new Error(`${name} is no name, or described twice.`);
      current = { name, help: rest, type: '', samples: [] };
      metrics.set(name, current);
    } else if (kind === 'TYPE') {
      if (!/^(counter|gauge|histogram|summary|untyped)$/.test(rest)) throw new Error(`${rest} is no type.`);
      if (current?.name !== name || current.type !== '') throw new Error(`The type of ${name} is out of place.`);
      current.type = rest;
    } else {
      if (!current?.type) throw new Error(`This has no type: ${line}`);
      current.samples.push(readSample(line, current));
    }
  }
  for (const metric of metrics.values()) checkMetric(metric);
  return metrics;
}

function readSample(line: string, { name: metric, type }: ExposedMetric): ExposedSample {
  const [, name = '', inside = '', number = ''] = SAMPLE.exec(line) ?? [];
  const names = (SUFFIXES[type] ?? ['']).map((suffix) => metric + suffix);
  if (!names.includes(name)) throw new Error(`This is not of ${metric}: ${line}`);
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < inside.length) {
    const found = LABEL.exec(inside);
    if (!found?.[1] || found[1] in labels) throw new Error(`These are no labels: ${line}`);
    labels[found[1]] = (found[2] ?? '').replace(/\\(.)/g, (_all, mark: string) => (mark === 'n' ? '\n' : mark));
  }
  return { name, labels, value: readNumber(number, line) };
}

function readNumber(text: string, line: string): number {
  const special = {
    '+Inf': Number.POSITIVE_INFINITY,
    '-Inf': Number.NEGATIVE_INFINITY,
    Nan: Number.NaN,
    NaN: Number.NaN,
  };
  if (text in special) return special[text as keyof typeof special];
  if (!/^[-+]?\d+(\.\d+)?(e[-+]?\d+)?$/i.test(text)) throw new Error(`This is no number: ${line}`);
  return Number(text);
}

function checkMetric({ name, type, samples }: ExposedMetric): void {
  const series = samples.map((sample) => JSON.stringify([sample.name, Object.entries(sample.labels).sort()]));
  if (new Set(series).size < series.length) throw new Error(`${name} has a series twice.`);
  if (type === 'counter' && samples.some(({ value }) => value < 0)) throw new Error(`${name} is below zero.`);
  if (type !== 'histogram') return;
  const bySeries = Map.groupBy(samples, ({ labels: { le: _bound, ...labels } }) => JSON.stringify(labels));
  for (const [labels, of] of bySeries) {
    const buckets = of.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels: { le = '' } }) => readNumber(le, le));
    const counts = buckets.map(({ value }) => value);
    const ascend = (values: number[]) =>
      values.every((value, index) => index === 0 || value >= (values[index - 1] ?? 0));
    const total = of.find((sample) => sample.name === `${name}_count`)?.value;
    const isWhole = bounds.at(-1) === Number.POSITIVE_INFINITY && counts.at(-1) === total;
    if (!isWhole || !ascend(bounds) || !ascend(counts)) throw new Error(`The buckets of ${name} ${labels} do not fit.`);
  }
}

/** The sum of the samples of this name that have at least these labels. */
export function exposed(text: string, name: string, labels: Record<string, string> = {}): number {
  return [...parseExposition(text).values()]
    .flatMap(({ samples }) => samples)
    .filter(
      (sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    )
    .reduce((sum, { value }) => sum + value, 0);
}
